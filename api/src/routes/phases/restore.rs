//! `POST /v1/projects/{id}/phases/{phase_id}/restore`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::ids::PhaseId;
use docket_domain::project::{Command, Phase, Project};

use super::{json, written};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;

/// Bring a phase back that was removed, as the last of them. The tasks that were in it stay where they are now.
#[utoipa::path(post, path = "/v1/projects/{id}/phases/{phase_id}/restore", tag = "projects",
    operation_id = "restore_phase",
    params(("id" = Uuid, Path, description = "The project's id"),
           ("phase_id" = Uuid, Path, description = "The phase's id")),
    responses((status = 200, description = "The phase, there again.", body = Phase)))]
pub async fn restore_phase(
    State(app): State<App>,
    caller: Caller,
    Path((Id(project), Id(id))): Path<(Id, Id)>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let restore = Intent::new::<Project>(project, Command::RestorePhase(PhaseId(id))).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![restore], Mode::Atomic).await?;
    respond::changed(&answer, json(written(&answer, id)?)?)
}
