//! `POST /v1/webhooks/{id}/rotate`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::webhook::{Changes, Command, Webhook};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{find, secrets};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::{Id, Instant};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// How to go on with the old secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateWebhook {
    /// Until when messages are signed with it as well; it ends at once, unless said otherwise.
    #[serde(default)]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    old_works_until: Option<Instant>,
}

/// Has a webhook's messages signed with another secret, and with the old one besides for as long as is said.
#[utoipa::path(post, path = "/v1/webhooks/{id}/rotate", tag = "webhooks", operation_id = "rotate_webhook",
    params(("id" = Uuid, Path, description = "Its id")),
    request_body = RotateWebhook,
    responses((status = 200, description = "The secrets from now on.", body = secrets::WebhookSecrets)))]
pub async fn rotate_webhook(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Write { body, idempotency, if_match }: Write<RotateWebhook>,
) -> Result<Response, Problem> {
    let until = body.old_works_until.map(|until| until.0);
    if until.is_some_and(|until| until <= App::now()) {
        return Err(Problem::field("/old_works_until", "in-the-past", "This lies in the past."));
    }
    let webhook = find(&app, &caller, id).await?;
    let next = Changes {
        secret_generation: Some(webhook.state.fields.secret_generation + 1),
        previous_secret_until: Some(until),
        ..Changes::default()
    };
    // Two who rotate at the same moment would each believe that theirs is the secret before: one has to come again.
    let expected = if_match.versions().or(Some(vec![webhook.version]));
    let intent = Intent::new::<Webhook>(id, Command::Update(next)).expecting(expected);
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let state = respond::only(&answer)?.state.clone();
    let state = state.as_any().downcast_ref::<docket_domain::Snapshot<Webhook>>().ok_or_else(Problem::internal)?;
    respond::changed(&answer, secrets::text(&app, id, &state.state.fields)?)
}
