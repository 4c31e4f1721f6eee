//! `GET /v1/audit/activity`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Checkpoint, latest};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Filtered;
use crate::problem::Problem;
use crate::respond;
use crate::routes::history::Event;

/// How much happened when.
#[derive(Serialize, ToSchema)]
pub struct AuditActivity {
    /// When the first of it was committed; null if there is none.
    from: Option<DateTime<Utc>>,
    /// When the last of it was.
    to: Option<DateTime<Utc>>,
    /// How many events there are.
    events: i64,
    /// How many of them were in each of 120 spans of equal length between the two.
    spans: Vec<i64>,
    /// The latest signed checkpoint; null if nothing is signed.
    checkpoint: Option<Checkpoint>,
}

/// How much of what happened in the workspace happened when, for a picture of it. Takes the filters of the list. By
/// `kind`, `type` and `dialect`, and without any, it is known by counts; by others, every event that is counted is looked at.
#[utoipa::path(get, path = "/v1/audit/activity", tag = "audit", operation_id = "get_audit_activity",
    params(Filtered::<Event>),
    responses((status = 200, description = "How much happened when.", body = AuditActivity)))]
pub async fn get_audit_activity(
    State(app): State<App>,
    caller: Caller,
    asked: Filtered<Event>,
) -> Result<Response, Problem> {
    let found = app.reads.activity(&caller.reader(), &asked.0).await?;
    let (from, to) = (found.as_ref().map(|found| found.from), found.as_ref().map(|found| found.to));
    let spans = found.map(|found| found.spans.to_vec()).unwrap_or_default();
    let checkpoint = latest(&app, &caller).await?;
    let activity = AuditActivity { from, to, events: spans.iter().sum(), spans, checkpoint };
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&activity).map_err(|_| Problem::internal())?))
}
