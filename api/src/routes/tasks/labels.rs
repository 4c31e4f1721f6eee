//! `GET /v1/tasks/{id}/labels`

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
use crate::routes::catalog::labels::Label;
use crate::routes::paging::Listed;

/// Lists the labels of a task, as `list_labels` does.
#[utoipa::path(get, path = "/v1/tasks/{id}/labels", tag = "tasks", operation_id = "list_task_labels",
    params(("id" = Uuid, Path, description = "The task's id"), Listing::<Label>),
    responses((status = 200, description = "A page of them.", body = inline(Listed<Label>))))]
pub async fn list_task_labels(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    asked: Listing<Label>,
) -> Result<Response, Problem> {
    respond::list_within(&app, &caller, (&TASKS, id), "label_ids", asked).await
}
