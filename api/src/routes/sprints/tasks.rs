//! `GET /v1/sprints/{id}/tasks`

use axum::extract::State;
use axum::response::Response;
use docket_projections::SPRINTS;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listing;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::Listed;
use crate::routes::tasks::Task;

/// Lists the tasks of a sprint, as `list_tasks` does.
#[utoipa::path(get, path = "/v1/sprints/{id}/tasks", tag = "sprints", operation_id = "list_sprint_tasks",
    params(("id" = Uuid, Path, description = "The sprint's id"), Listing::<Task>),
    responses((status = 200, description = "A page of them.", body = inline(Listed<Task>))))]
pub async fn list_sprint_tasks(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    asked: Listing<Task>,
) -> Result<Response, Problem> {
    respond::list_below(&app, &caller, (&SPRINTS, id), "sprint_id", asked).await
}
