//! `GET /v1/audit`

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use docket_projections::TRAIL;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Checkpoint, export, latest};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::accept;
use crate::edge::listing::{Listable, Listing};
use crate::edge::query::pairs;
use crate::problem::Problem;
use crate::respond;
use crate::routes::history::Event;

impl Listable for Event {
    const LIST: &'static docket_projections::List = &TRAIL;
}

/// A page of what happened.
#[derive(Serialize, ToSchema)]
pub struct Events {
    /// The events.
    data: Vec<Event>,
    /// What to send as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
    /// Whether there is a next page.
    has_more: bool,
    /// The latest signed checkpoint; null if nothing is signed.
    checkpoint: Option<Checkpoint>,
}

/// All that happened in the workspace, each event once, newest first unless sorted otherwise. With
/// `Accept: application/x-ndjson` all of it that matches, from the cursor on, one event a line; the last line says how
/// many, and carries the checkpoint.
#[utoipa::path(get, path = "/v1/audit", tag = "audit", operation_id = "list_audit_events",
    params(Listing::<Event>),
    responses((status = 200, description = "A page of it, or all of it.",
               content((Events = "application/json"), (String = "application/x-ndjson")))))]
pub async fn list_audit_events(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    asked: Listing<Event>,
) -> Result<Response, Problem> {
    if accept::prefers(&headers, export::NDJSON) {
        if pairs(query.as_deref().unwrap_or_default())?.iter().any(|(name, _)| name == "limit") {
            return Err(Problem::parameter("limit", "out-of-place", "An export has no pages: leave out limit."));
        }
        return export::respond(app, caller, asked.0).await;
    }
    let page = app.reads.list(&caller.reader(), &TRAIL, &asked.0).await?;
    let mut response = respond::page_with(&page, None, &latest(&app, &caller).await?);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}
