//! `GET /v1/tasks/{id}/assignees`

use axum::extract::State;
use axum::response::Response;
use docket_projections::TASKS;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listing;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;
use crate::routes::members::Member;
use crate::routes::paging::Listed;

/// Lists the members who do a task, as `list_members` does.
#[utoipa::path(get, path = "/v1/tasks/{id}/assignees", tag = "tasks", operation_id = "list_task_assignees",
    params(("id" = Uuid, Path, description = "The task's id"), Listing::<Member>),
    responses((status = 200, description = "A page of them.", body = inline(Listed<Member>))))]
pub async fn list_task_assignees(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    asked: Listing<Member>,
) -> Result<Response, Problem> {
    respond::list_within(&app, &caller, (&TASKS, id), "assignee_ids", asked).await
}
