//! `DELETE /v1/projects/{id}/phases/{phase_id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::ids::PhaseId;
use docket_domain::project::{Command, Project};

use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;

/// Take a phase away for good.
#[utoipa::path(delete, path = "/v1/projects/{id}/phases/{phase_id}", tag = "projects", operation_id = "remove_phase",
    params(("id" = Uuid, Path, description = "The project's id"),
           ("phase_id" = Uuid, Path, description = "The phase's id")),
    responses((status = 204, description = "It is gone.")))]
pub async fn remove_phase(
    State(app): State<App>,
    caller: Caller,
    Path((Id(project), Id(id))): Path<(Id, Id)>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let command = Command::RemovePhase(PhaseId(id));
    let intent = Intent::new::<Project>(project, command).expecting(if_match.versions());
    respond::gone(&app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?)
}
