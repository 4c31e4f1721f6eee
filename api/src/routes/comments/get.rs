//! `GET /v1/tasks/{id}/comments/{comment_id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::Comment;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Shown;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// One comment on a task.
#[utoipa::path(get, path = "/v1/tasks/{id}/comments/{comment_id}", tag = "comments", operation_id = "get_comment",
    params(("id" = Uuid, Path, description = "The task's id"),
           ("comment_id" = Uuid, Path, description = "The comment's id"), Shown::<Comment>),
    responses((status = 200, description = "The comment.", body = Comment),
              (status = 304, description = "It is still the one of `If-None-Match`.")))]
pub async fn get_comment(
    State(app): State<App>,
    caller: Caller,
    Path((Id(task), Id(id))): Path<(Id, Id)>,
    shown: Shown<Comment>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    respond::view_below(&app, &caller, id, ("task_id", task), &shown, &headers).await
}
