//! `POST /v1/sprints/{id}/reopen`

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

/// Take a closed sprint up again.
#[utoipa::path(post, path = "/v1/sprints/{id}/reopen", tag = "sprints", operation_id = "reopen_sprint",
    params(("id" = Uuid, Path, description = "The sprint's id")),
    responses((status = 200, description = "The sprint as it is now.", body = Sprint)))]
pub async fn reopen_sprint(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    action: Action,
) -> Result<Response, Problem> {
    act(&app, &caller, id, Command::Reopen, action).await
}
