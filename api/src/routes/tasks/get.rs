//! `GET /v1/tasks/{id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::Task;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Shown;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// One task.
#[utoipa::path(get, path = "/v1/tasks/{id}", tag = "tasks", operation_id = "get_task",
    params(("id" = Uuid, Path, description = "The task's id"), Shown::<Task>),
    responses((status = 200, description = "The task.", body = Task),
              (status = 304, description = "It is still the one of `If-None-Match`.")))]
pub async fn get_task(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    shown: Shown<Task>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    respond::view(&app, &caller, id, &shown, &headers).await
}
