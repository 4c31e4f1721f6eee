//! `POST /v1/tasks/{id}/restore`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::task::{self, Command};

use super::Task;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;

/// Bring a deleted task back.
#[utoipa::path(post, path = "/v1/tasks/{id}/restore", tag = "tasks", operation_id = "restore_task",
    params(("id" = Uuid, Path, description = "The task's id")),
    responses((status = 200, description = "The task, there again.", body = Task)))]
pub async fn restore_task(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let intent = Intent::new::<task::Task>(id, Command::Restore).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let body = respond::only(&answer)?.state.to_json();
    respond::changed(&answer, body)
}
