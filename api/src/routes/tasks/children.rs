//! `GET /v1/tasks/{id}/children`

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
use crate::routes::paging::Listed;
use crate::routes::tasks::Task;

/// Lists the tasks that are parts of a task, as `list_tasks` does.
#[utoipa::path(get, path = "/v1/tasks/{id}/children", tag = "tasks", operation_id = "list_task_children",
    params(("id" = Uuid, Path, description = "The task's id"), Listing::<Task>),
    responses((status = 200, description = "A page of them.", body = inline(Listed<Task>))))]
pub async fn list_task_children(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    asked: Listing<Task>,
) -> Result<Response, Problem> {
    respond::list_below(&app, &caller, (&TASKS, id), "parent_id", asked).await
}
