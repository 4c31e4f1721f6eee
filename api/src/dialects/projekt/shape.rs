//! The envelopes of Projekt.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::json;

use crate::dialects::dialect::{Failure, Rows};
use crate::dialects::failure::{name_of, predicate, sentence};
use crate::problem::{At, FieldError};

/// An array, or a page for those who ask for one.
pub fn list(rows: Rows) -> String {
    let Rows { total, limit, offset, next_cursor, .. } = &rows;
    if !rows.paged {
        return rows.between("[", "]");
    }
    let pages = (total + limit - 1) / limit;
    let meta = if rows.by_cursor {
        json!({"total": total, "per_page": limit, "pages": pages, "next_cursor": next_cursor})
    } else {
        json!({"total": total, "page": offset / limit + 1, "per_page": limit, "pages": pages})
    };
    rows.between("{\"data\":[", &format!("],\"meta\":{meta}}}"))
}

/// Of the statuses it knows: 422 for what is wrong with fields and parameters, 400 for what can't be read, and 409 for
/// an edit of what somebody else has changed.
pub fn failure(failure: &Failure<'_>) -> (StatusCode, String) {
    let problem = failure.problem;
    // What is no acceptable JSON at all is told by its place too, natively as 400.
    let is_wrong = |error: &FieldError| match error.at {
        At::Pointer(_) => problem.status == 422 && !name_of(error).is_empty(),
        At::Parameter(_) => true,
    };
    let is_of_fields = !problem.errors.is_empty() && problem.errors.iter().all(is_wrong);
    let status = match problem.status.as_u16() {
        400 | 422 if is_of_fields => StatusCode::UNPROCESSABLE_ENTITY,
        401 | 403 | 404 | 405 | 409 | 429 | 500 | 502 | 503 => problem.status,
        412 => StatusCode::CONFLICT,
        400..=499 => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let body = if status == StatusCode::UNPROCESSABLE_ENTITY {
        let mut errors = BTreeMap::<_, Vec<_>>::new();
        for error in &problem.errors {
            errors.entry(name_of(error)).or_default().push(message(error));
        }
        json!({"error": "Validation failed", "errors": errors})
    } else {
        json!({"error": sentence(failure)})
    };
    (status, body.to_string())
}

/// `The title field is required`, `The priority must be one of: low, medium, high, urgent`.
fn message(error: &FieldError) -> String {
    let name = name_of(error);
    match &*error.code {
        "required" | "missing-parameter" | "blank" => format!("The {name} field is required"),
        // The name stands beside it.
        _ => predicate(error).map_or_else(|| error.detail.to_string(), |predicate| format!("The {name} {predicate}")),
    }
}
