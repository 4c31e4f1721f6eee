//! `GET /v1/webhooks/{id}/secrets`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use docket_domain::webhook::Fields;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::find;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// What a receiver checks messages with: one is enough.
#[derive(Serialize, ToSchema)]
pub struct WebhookSecrets {
    /// The present secret (HMAC-SHA256, `v1`): `whsec_…`.
    secret: String,
    /// The present public key (Ed25519, `v1a`): `whpk_…`.
    public_key: String,
    /// The secret before, for as long as it signs as well.
    previous_secret: Option<String>,
}

/// The secrets as they are to be told.
pub(super) fn text(app: &App, id: Uuid, fields: &Fields) -> Result<String, Problem> {
    let secrets = app.webhooks.secrets(id, fields, App::now());
    let present = secrets.first().ok_or_else(Problem::internal)?;
    let previous_secret = secrets.get(1).map(docket_domain::signatures::Secret::shared);
    let shown = WebhookSecrets { secret: present.shared(), public_key: present.public(), previous_secret };
    serde_json::to_string(&shown).map_err(|_| Problem::internal())
}

/// What messages of a webhook are signed with.
#[utoipa::path(get, path = "/v1/webhooks/{id}/secrets", tag = "webhooks", operation_id = "get_webhook_secrets",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "Its secrets.", body = WebhookSecrets)))]
pub async fn get_webhook_secrets(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
) -> Result<Response, Problem> {
    let webhook = find(&app, &caller, id).await?;
    Ok(respond::json(StatusCode::OK, text(&app, id, &webhook.state.fields)?))
}
