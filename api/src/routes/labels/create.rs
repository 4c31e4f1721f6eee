//! `POST /v1/labels`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::label::{self, Command};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Label;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::Line;
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// A new label.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLabel {
    /// Its name, unique in the workspace whatever its case.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "bug")]
    name: Line<1, 100>,
    /// `#rrggbb`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "#d73a4a")]
    color: Option<Line<1, 7>>,
}

/// Create a label.
#[utoipa::path(post, path = "/v1/labels", tag = "labels", operation_id = "create_label", request_body = CreateLabel,
    responses((status = 201, description = "The new label.", body = Label)))]
pub async fn create_label(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, .. }: Write<CreateLabel>,
) -> Result<Response, Problem> {
    let command = Command::Create { name: body.name.into_string(), color: body.color.map(Line::into_string) };
    let intent = Intent::create::<label::Label>(Uuid::new_v4(), command);
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let state = &respond::only(&answer)?.state;
    respond::created(&answer, state.to_json())
}
