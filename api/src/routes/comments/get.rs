//! `GET /v1/tasks/{id}/comments/{comment_id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_domain::ids::TaskId;
use docket_projections::{COMMENTS, View};
use serde::Deserialize;

use super::Comment;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// What a comment is about.
#[derive(Deserialize)]
struct About {
    task_id: TaskId,
}

/// One comment on a task.
#[utoipa::path(get, path = "/v1/tasks/{id}/comments/{comment_id}", tag = "comments", operation_id = "get_comment",
    params(("id" = Uuid, Path, description = "The task's id"),
           ("comment_id" = Uuid, Path, description = "The comment's id")),
    responses((status = 200, description = "The comment.", body = Comment),
              (status = 304, description = "It is still the one of `If-None-Match`.")))]
pub async fn get_comment(
    State(app): State<App>,
    caller: Caller,
    Path((Id(task), Id(id))): Path<(Id, Id)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let doc = app.reads.get(&caller.reader(), &COMMENTS, id, &View::default()).await?;
    let is_its = |json: &str| serde_json::from_str(json).is_ok_and(|About { task_id }| task_id.0 == task);
    respond::one(doc.filter(|doc| is_its(&doc.json)), &headers)
}
