//! `PATCH /v1/keys/{id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::api_key::{ApiKey, Command};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Key, shown};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::{Id, Line};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// What of a key can change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateKey {
    /// What it is for.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "nightly report")]
    label: Line<1, 200>,
}

/// Call a key otherwise: one's own, or as an admin any. Its token stays the same.
#[utoipa::path(patch, path = "/v1/keys/{id}", tag = "keys", operation_id = "update_key",
    params(("id" = Uuid, Path, description = "The key's id")),
    request_body(content = UpdateKey, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The key as it is now.", body = Key)))]
pub async fn update_key(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Write { body, idempotency, if_match }: Write<UpdateKey>,
) -> Result<Response, Problem> {
    let command = Command::Rename { label: body.label.into_string(), by: caller.role };
    let intent = Intent::new::<ApiKey>(id, command).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let key = shown(&app, &caller, respond::only(&answer)?).await?;
    respond::changed(&answer, serde_json::to_string(&key).map_err(|_| Problem::internal())?)
}
