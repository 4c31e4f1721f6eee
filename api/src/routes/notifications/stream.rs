//! `GET /v1/notifications/stream`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_domain::message::{Audience, Message};
use serde::Deserialize;
use utoipa::IntoParams;

use super::me;
use crate::app::App;
use crate::auth::{Caller, Welcome};
use crate::edge::query::Query;
use crate::edge::sse;
use crate::problem::Problem;

/// Which notifications.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskNotifications {
    /// Begin after this position; without it, and without `Last-Event-ID`, with what is new.
    after: Option<String>,
}

/// One's own notifications as they come, as server-sent events: sent, read, unread, deleted. Send the id of the last one
/// as `Last-Event-ID` to go on after it.
#[utoipa::path(get, path = "/v1/notifications/stream", tag = "notifications", operation_id = "stream_notifications",
    params(AskNotifications),
    responses((status = 200, description = "Events, without an end.", content_type = "text/event-stream", body = String)))]
pub async fn stream_notifications(
    State(app): State<App>,
    caller: Caller,
    welcome: Welcome,
    Query(asked): Query<AskNotifications>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mine = Audience::Member(me(&caller)?);
    let after = sse::begin(&app, &caller, &headers, asked.after.as_deref())?;
    let shows = move |message: &Message| {
        message.audience == mine && message.push && message.event_type.starts_with("notification.")
    };
    sse::respond(app, &caller, welcome, after, Box::new(shows)).await
}
