//! `GET /v1/tasks/{id}/comments`

use axum::extract::State;
use axum::response::Response;
use docket_projections::{COMMENTS, Op, TASKS, Value, View};

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
    let reader = caller.reader();
    if app.reads.get(&reader, &TASKS, id, &View::default()).await?.is_none() {
        return Err(Problem::not_found());
    }
    let query = asked.0.with(&COMMENTS, "task_id", Op::Is, vec![Value::Id(id)]);
    Ok(respond::page(&app.reads.list(&reader, &COMMENTS, &query).await?))
}
