//! The envelopes of ikreo.

use axum::http::StatusCode;
use serde_json::json;

use crate::dialects::dialect::{Failure, Rows};
use crate::dialects::failure::{one_of_few, sentence};

pub fn one(body: &str) -> String {
    format!("{{\"ok\":true,\"data\":{body}}}")
}

pub fn list(rows: Rows) -> String {
    let Rows { total, limit, offset, has_more, .. } = &rows;
    let page = format!(",\"limit\":{limit},\"offset\":{offset},\"has_more\":{has_more}");
    let page = if rows.paged { page.as_str() } else { "" };
    let end = format!("],\"total\":{total}{page}}}");
    rows.between("{\"ok\":true,\"data\":[", &end)
}

pub fn deleted(id: &str) -> String {
    one(&format!("{{\"id\":{id},\"deleted\":true}}"))
}

pub fn failure(failure: &Failure<'_>) -> (StatusCode, String) {
    let status = one_of_few(failure.problem);
    let message = match (status.as_u16(), &*failure.problem.code) {
        (401, _) => "API key missing, invalid, or revoked.".to_owned(),
        (405, _) => "HTTP method not supported for this endpoint.".to_owned(),
        (429, _) => "Too many requests. Slow down and retry after 60 seconds.".to_owned(),
        (500, "internal-error") => "Unexpected error on our side. Contact support if it persists.".to_owned(),
        _ => sentence(failure),
    };
    let docs = format!("{}/docs", failure.base);
    (status, json!({"error": true, "code": status.as_u16(), "message": message, "docs": docs}).to_string())
}
