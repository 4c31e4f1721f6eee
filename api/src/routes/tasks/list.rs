//! `GET /v1/tasks`

use axum::extract::State;
use axum::response::Response;

use super::Task;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listing;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::Listed;

/// Lists tasks, newest first unless sorted otherwise.
#[utoipa::path(get, path = "/v1/tasks", tag = "tasks", operation_id = "list_tasks", params(Listing::<Task>),
    responses((status = 200, description = "A page of tasks.", body = inline(Listed<Task>))))]
pub async fn list_tasks(State(app): State<App>, caller: Caller, asked: Listing<Task>) -> Result<Response, Problem> {
    respond::list(&app, &caller, &asked).await
}
