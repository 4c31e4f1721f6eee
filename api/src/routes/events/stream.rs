//! `GET /v1/events/stream`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{is_wanted, may_see, wanted};
use crate::app::App;
use crate::auth::{Caller, Welcome};
use crate::edge::query::Query;
use crate::edge::sse;
use crate::problem::Problem;

/// Which events.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskStream {
    /// Begin after this position; without it, and without `Last-Event-ID`, with what is new.
    after: Option<String>,
    /// Only of these kinds of resources, joined by commas, for example `task,comment`.
    kinds: Option<String>,
}

/// The workspace's events as they happen, as server-sent events: one CloudEvent each, with its position as its id. Send
/// the last one as `Last-Event-ID` to go on after it.
#[utoipa::path(get, path = "/v1/events/stream", tag = "events", operation_id = "stream_events",
    params(AskStream),
    responses((status = 200, description = "Events, without an end.", content_type = "text/event-stream", body = String)))]
pub async fn stream_events(
    State(app): State<App>,
    caller: Caller,
    welcome: Welcome,
    Query(asked): Query<AskStream>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let kinds = wanted(asked.kinds.as_deref())?;
    let after = sse::begin(&app, &caller, &headers, asked.after.as_deref())?;
    let seer = caller.clone();
    let shows = move |message: &_| is_wanted(&kinds, message) && may_see(&seer, message);
    sse::respond(app, &caller, welcome, after, Box::new(shows)).await
}
