//! `DELETE /v1/tasks/{id}/comments/{comment_id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::comment::Action;

use super::intent;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action as Bare;
use crate::problem::Problem;
use crate::respond;

/// Take away what one has said; it can be restored. Others' takes the role manager.
#[utoipa::path(delete, path = "/v1/tasks/{id}/comments/{comment_id}", tag = "comments", operation_id = "delete_comment",
    params(("id" = Uuid, Path, description = "The task's id"),
           ("comment_id" = Uuid, Path, description = "The comment's id")),
    responses((status = 204, description = "It is gone.")))]
pub async fn delete_comment(
    State(app): State<App>,
    caller: Caller,
    Path((Id(task), Id(id))): Path<(Id, Id)>,
    Bare { idempotency, if_match }: Bare,
) -> Result<Response, Problem> {
    let intent = intent(&caller, task, id, Action::Delete).expecting(if_match.versions());
    respond::gone(&app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?)
}
