//! `PUT /v1/tasks/{id}/assignees/{member_id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::ids::MemberId;
use docket_domain::task::{self, Command};

use super::Task;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;

/// Give a task to one more member.
#[utoipa::path(put, path = "/v1/tasks/{id}/assignees/{member_id}", tag = "tasks", operation_id = "assign_task",
    params(("id" = Uuid, Path, description = "The task's id"),
           ("member_id" = Uuid, Path, description = "The member's id")),
    responses((status = 200, description = "The task as it is now.", body = Task)))]
pub async fn assign_task(
    State(app): State<App>,
    caller: Caller,
    Path((Id(id), Id(other))): Path<(Id, Id)>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let intent = Intent::new::<task::Task>(id, Command::Assign(MemberId(other))).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let body = respond::only(&answer)?.state.to_json();
    respond::changed(&answer, body)
}
