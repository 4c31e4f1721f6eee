//! `DELETE /v1/projects/{id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::project::{Command, Project};

use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;

/// Take a project away with its tasks; it can be restored.
#[utoipa::path(delete, path = "/v1/projects/{id}", tag = "projects", operation_id = "delete_project",
    params(("id" = Uuid, Path, description = "The project's id")),
    responses((status = 204, description = "It is gone.")))]
pub async fn delete_project(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let intent = Intent::new::<Project>(id, Command::Delete).expecting(if_match.versions());
    respond::gone(&app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?)
}
