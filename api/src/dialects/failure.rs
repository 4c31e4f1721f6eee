//! What failures say, for the dialects whose texts leave it open.

use super::dialect::Failure;
use crate::problem::{At, FieldError};

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
    let name = name_of(error);
    if name.is_empty() {
        return capital(&error.detail);
    }
    let predicate = ["is ", "must ", "does "].iter().any(|verb| error.detail.starts_with(verb));
    let between = if predicate { " " } else { ": " };
    format!("{}{between}{}", capital(&name.replace('_', " ")), error.detail)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
