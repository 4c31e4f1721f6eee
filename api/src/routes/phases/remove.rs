//! `DELETE /v1/projects/{id}/phases/{phase_id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::ids::PhaseId;
use docket_domain::project::{Command, Project};
use docket_projections::Following;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;
use crate::routes::follow::Followers;

/// Take a phase away. Its tasks are in no phase any more, also if it comes back.
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
    let (phase, tasks) = (PhaseId(id), Followers::Tasks(Following::Phase(PhaseId(id))));
    let remove = Intent::new::<Project>(project, Command::RemovePhase(phase)).expecting(if_match.versions());
    let intents = std::iter::once(remove).chain(tasks.first(&app, &caller).await?).collect();
    let mut answer = app.execute(&caller, idempotency, intents, Mode::Atomic).await?;
    tasks.rest(&app, &caller, &mut answer).await?;
    respond::gone(&answer)
}
