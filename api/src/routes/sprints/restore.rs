//! `POST /v1/sprints/{id}/restore`

use axum::extract::State;
use axum::response::Response;
use docket_domain::sprint::Command;

use super::{Sprint, act};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;

/// Bring a deleted sprint back.
#[utoipa::path(post, path = "/v1/sprints/{id}/restore", tag = "sprints", operation_id = "restore_sprint",
    params(("id" = Uuid, Path, description = "The sprint's id")),
    responses((status = 200, description = "The sprint, there again.", body = Sprint)))]
pub async fn restore_sprint(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    action: Action,
) -> Result<Response, Problem> {
    act(&app, &caller, id, Command::Restore, action).await
}
