//! The envelopes of the generic API.

use axum::http::StatusCode;
use serde_json::json;

use crate::dialects::dialect::{Failure, Rows};
use crate::dialects::failure::{name_of, one_of_few, sentence};

pub fn one(body: &str) -> String {
    format!("{{\"success\":true,\"data\":{body}}}")
}

pub fn list(rows: Rows) -> String {
    let Rows { total, limit, offset, has_more, .. } = &rows;
    let page = format!("\"total\":{total},\"limit\":{limit},\"offset\":{offset},\"has_more\":{has_more}");
    let end = format!("],\"pagination\":{{{page}}}}}");
    rows.between("{\"success\":true,\"data\":[", &end)
}

pub fn deleted(id: &str) -> String {
    one(&format!("{{\"id\":{id},\"deleted\":true}}"))
}

pub fn failure(failure: &Failure<'_>) -> (StatusCode, String) {
    let status = one_of_few(failure.problem);
    let code = match status.as_u16() {
        401 => "UNAUTHORIZED",
        403 => "FORBIDDEN",
        404 => "NOT_FOUND",
        405 => "METHOD_NOT_ALLOWED",
        429 => "RATE_LIMITED",
        500 => "INTERNAL_ERROR",
        _ => "VALIDATION_ERROR",
    };
    let message = sentence(failure);
    let error = match failure.problem.errors.first() {
        Some(first) => json!({"code": code, "message": message, "details": {"field": name_of(first)}}),
        None => json!({"code": code, "message": message}),
    };
    (status, json!({"success": false, "error": error}).to_string())
}
