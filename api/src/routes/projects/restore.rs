//! `POST /v1/projects/{id}/restore`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::project::{self, Command};

use super::{Project, changed};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;

/// Bring a deleted project back with its tasks.
#[utoipa::path(post, path = "/v1/projects/{id}/restore", tag = "projects", operation_id = "restore_project",
    params(("id" = Uuid, Path, description = "The project's id")),
    responses((status = 200, description = "The project, there again.", body = Project)))]
pub async fn restore_project(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let intent = Intent::new::<project::Project>(id, Command::Restore).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    changed(&app, &caller, &answer).await
}
