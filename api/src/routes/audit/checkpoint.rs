//! `GET /v1/audit/checkpoint`

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::{Checkpoint, not_signed};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::accept;
use crate::problem::Problem;
use crate::respond;

const NOTE: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The latest signed checkpoint of the workspace's history: at most seconds old. With `Accept: text/plain` the note
/// alone.
#[utoipa::path(get, path = "/v1/audit/checkpoint", tag = "audit", operation_id = "get_audit_checkpoint",
    responses((status = 200, description = "The checkpoint.",
               content((Checkpoint = "application/json"), (String = "text/plain")))))]
pub async fn get_audit_checkpoint(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tree = app.reads.signed_tree(&caller.reader()).await?.ok_or_else(not_signed)?;
    if accept::prefers(&headers, "text/plain") {
        let mut response = Response::new(Body::from(tree.note));
        response.headers_mut().insert(header::CONTENT_TYPE, NOTE);
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
        return Ok(response);
    }
    let text = serde_json::to_string(&Checkpoint::from(tree)).map_err(|_| Problem::internal())?;
    Ok(respond::json(StatusCode::OK, text))
}
