//! The envelopes of Pike.

use axum::http::StatusCode;
use serde_json::json;

use crate::dialects::dialect::{Failure, Rows};
use crate::dialects::failure::sentence;

pub fn list(rows: Rows) -> String {
    let Rows { has_more, next_cursor, .. } = &rows;
    let end = format!("],\"nextCursor\":{},\"hasMore\":{has_more}}}", json!(next_cursor));
    rows.between("{\"items\":[", &end)
}

pub fn failure(failure: &Failure<'_>) -> (StatusCode, String) {
    let problem = failure.problem;
    let (status, code) = match problem.status.as_u16() {
        401 => (problem.status, "unauthorized"),
        403 => (problem.status, "forbidden"),
        404 => (problem.status, "not_found"),
        405 => (problem.status, "method_not_allowed"),
        429 => (problem.status, "rate_limited"),
        503 => (problem.status, "internal_error"),
        400..=499 => (StatusCode::BAD_REQUEST, "invalid_request"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
    };
    let message = match &*problem.code {
        "missing-scope" => "Insufficient scope for this resource.".to_owned(),
        _ => sentence(failure),
    };
    (status, json!({"error": {"code": code, "message": message, "requestId": failure.request_id}}).to_string())
}
