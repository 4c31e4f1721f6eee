//! What failures say, for the dialects whose texts leave it open.

use axum::http::StatusCode;

use super::dialect::Failure;
use crate::limits::room::OVERLOADED;
use crate::problem::{At, FieldError, Problem};

/// Of the statuses that an API of few knows; 405 besides, which no client takes for anything else. Where there is too much
/// to do, a client of such an API knows how to wait if it is told 429.
pub fn one_of_few(problem: &Problem) -> StatusCode {
    let status = problem.status;
    match status.as_u16() {
        503 if problem.code == OVERLOADED => StatusCode::TOO_MANY_REQUESTS,
        401 | 403 | 404 | 405 | 429 => status,
        400..=499 => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The name of what is wrong: the member of the body, or the parameter.
pub fn name_of(error: &FieldError) -> &str {
    match &error.at {
        At::Pointer(pointer) => pointer.trim_start_matches('/').split('/').next().unwrap_or_default(),
        At::Parameter(name) => name,
    }
}

/// What is wrong, in a sentence a person reads: `Title is required`.
pub fn sentence(failure: &Failure<'_>) -> String {
    let problem = failure.problem;
    match (problem.errors.first(), failure.noun) {
        (Some(error), _) => about(error),
        (None, Some(noun)) if problem.status == 404 => format!("{noun} not found"),
        (None, _) if problem.status == 404 => "Not found".to_owned(),
        (None, _) if problem.detail.is_empty() => problem.title(),
        (None, _) => problem.detail.clone().into_owned(),
    }
}

/// What is wrong with one field.
pub fn about(error: &FieldError) -> String {
    match (name_of(error), predicate(error)) {
        ("", _) => capital(&error.detail),
        (name, Some(predicate)) => format!("{} {predicate}", capital(&name.replace('_', " "))),
        (name, None) => format!("{}: {}", capital(&name.replace('_', " ")), error.detail),
    }
}

/// What is wrong, to be said of a name: `must be a string`; none, if it is a sentence of its own.
pub fn predicate(error: &FieldError) -> Option<String> {
    let detail: &str = &error.detail;
    match &*error.code {
        "unknown-reference" => return Some("does not exist".to_owned()),
        "already-taken" => return Some("is taken already".to_owned()),
        _ => {}
    }
    if ["is ", "must ", "does ", "may ", "has "].iter().any(|verb| detail.starts_with(verb)) {
        return Some(detail.to_owned());
    }
    match (detail.split_once(", expected "), detail.starts_with("at ")) {
        (Some((_, expected)), _) => Some(format!("must be {expected}")),
        (None, true) => Some(format!("must have {detail}")),
        (None, false) if detail.starts_with(char::is_uppercase) => None,
        (None, false) => Some(format!("is not acceptable: {detail}")),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
