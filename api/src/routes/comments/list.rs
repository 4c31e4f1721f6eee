//! `GET /v1/tasks/{id}/comments`

use axum::extract::State;
use axum::response::Response;
use docket_projections::TASKS;

use super::Comment;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listing;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::Listed;

/// Lists the comments on a task, oldest first unless sorted otherwise.
#[utoipa::path(get, path = "/v1/tasks/{id}/comments", tag = "comments", operation_id = "list_comments",
    params(("id" = Uuid, Path, description = "The task's id"), Listing::<Comment>),
    responses((status = 200, description = "A page of its comments.", body = inline(Listed<Comment>))))]
pub async fn list_comments(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    asked: Listing<Comment>,
) -> Result<Response, Problem> {
    respond::list_below(&app, &caller, (&TASKS, id), "task_id", asked).await
}
