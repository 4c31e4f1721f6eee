//! The envelopes of Krokanti Tasks: hardly any.

use axum::http::StatusCode;
use serde_json::json;

use crate::dialects::dialect::{Failure, Rows};
use crate::dialects::failure::sentence;

pub fn list(rows: Rows) -> String {
    let Rows { has_more, next_cursor, paged, .. } = &rows;
    if !paged {
        return rows.between("[", "]");
    }
    let end = format!("],\"nextCursor\":{},\"hasMore\":{has_more}}}", json!(next_cursor));
    rows.between("{\"data\":[", &end)
}

/// Validation is 400, like everything else that a client should have known better.
pub fn failure(failure: &Failure<'_>) -> (StatusCode, String) {
    let status = match failure.problem.status {
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE => StatusCode::BAD_REQUEST,
        status => status,
    };
    let message = match status {
        StatusCode::TOO_MANY_REQUESTS => "Too Many Requests".to_owned(),
        _ => sentence(failure),
    };
    (status, json!({"error": message}).to_string())
}
