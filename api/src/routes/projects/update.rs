//! `PATCH /v1/projects/{id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::project::{self, Command};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Project, changed};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::patch::{Change, Patch};
use crate::edge::path::Path;
use crate::edge::scalars::{Id, Line, Text};
use crate::edge::write::Write;
use crate::problem::Problem;

/// A merge patch (RFC 7396): absent fields stay, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateProject {
    /// A new name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Change<Line<1, 200>>,
    /// A new description.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    description: Patch<Text<0, 20_000>>,
    /// Whether it is archived: then it takes no new tasks.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    archived: Change<bool>,
}

/// Change a project.
#[utoipa::path(patch, path = "/v1/projects/{id}", tag = "projects", operation_id = "update_project",
    params(("id" = Uuid, Path, description = "The project's id")),
    request_body(content = UpdateProject, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The project as it is now.", body = Project)))]
pub async fn update_project(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Write { body, idempotency, if_match }: Write<UpdateProject>,
) -> Result<Response, Problem> {
    let command = Command::Update {
        name: body.name.0.map(Line::into_string),
        description: body.description.map(Text::into_string).change(),
        archived: body.archived.0,
    };
    let intent = Intent::new::<project::Project>(id, command).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    changed(&app, &caller, &answer).await
}
