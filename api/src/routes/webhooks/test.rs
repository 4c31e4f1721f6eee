//! `POST /v1/webhooks/{id}/test`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use docket_domain::message;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::find;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;
use crate::webhooks::Outgoing;

/// What came of it.
#[derive(Serialize, ToSchema)]
pub struct WebhookTest {
    /// The id of the message that was sent.
    message_id: String,
    /// The status that was answered, if any.
    status: Option<u16>,
    /// Why it counts as failed; null: it was taken.
    error: Option<String>,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

/// Sends a webhook a message of the type `webhook.test`, once and at once, also if it is paused.
#[utoipa::path(post, path = "/v1/webhooks/{id}/test", tag = "webhooks", operation_id = "test_webhook",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "What came of it.", body = WebhookTest)))]
pub async fn test_webhook(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    _: Action,
) -> Result<Response, Problem> {
    let webhook = find(&app, &caller, id).await?;
    App::tried(&caller)?;
    let message_id = format!("test-{}", Uuid::new_v4());
    let body = message::test(&message_id, caller.workspace, id, App::now());
    let attempt = app.webhooks.send(id, &webhook.state.fields, Outgoing { id: &message_id, body: &body }).await;
    let took_ms = attempt.took.as_millis() as u64;
    let shown = WebhookTest { message_id, status: attempt.status, error: attempt.error, took_ms };
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&shown).map_err(|_| Problem::internal())?))
}
