//! `POST /v1/tasks/{id}/comments/{comment_id}/restore`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::comment::Action;

use super::{Comment, intent};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action as Bare;
use crate::problem::Problem;
use crate::respond;

/// Bring a deleted comment back.
#[utoipa::path(post, path = "/v1/tasks/{id}/comments/{comment_id}/restore", tag = "comments",
    operation_id = "restore_comment",
    params(("id" = Uuid, Path, description = "The task's id"),
           ("comment_id" = Uuid, Path, description = "The comment's id")),
    responses((status = 200, description = "The comment, there again.", body = Comment)))]
pub async fn restore_comment(
    State(app): State<App>,
    caller: Caller,
    Path((Id(task), Id(id))): Path<(Id, Id)>,
    Bare { idempotency, if_match }: Bare,
) -> Result<Response, Problem> {
    let intent = intent(&caller, task, id, Action::Restore).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let body = respond::only(&answer)?.state.to_json();
    respond::changed(&answer, body)
}
