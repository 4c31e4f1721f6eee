//! `POST /v1/projects`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::project::{self, Command};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Project;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::{Line, Text};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// A new project.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProject {
    /// Its name.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Website")]
    name: Line<1, 200>,
    /// Markdown.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    description: Option<Text<0, 20_000>>,
}

/// Create a project.
#[utoipa::path(post, path = "/v1/projects", tag = "projects", operation_id = "create_project",
    request_body = CreateProject,
    responses((status = 201, description = "The new project; `Location` says where.", body = Project)))]
pub async fn create_project(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, .. }: Write<CreateProject>,
) -> Result<Response, Problem> {
    let command =
        Command::Create { name: body.name.into_string(), description: body.description.map(Text::into_string) };
    let intent = Intent::create::<project::Project>(Uuid::new_v4(), command);
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let state = &respond::only(&answer)?.state;
    // A new project has no tasks yet.
    let body = super::with_open_tasks(&state.to_json(), Some(0));
    respond::created_at(&answer, &format!("/v1/projects/{}", state.id()), body)
}
