//! `POST /v1/sprints/{id}/start`

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

/// Begin work on a sprint. A started one stays as it is.
#[utoipa::path(post, path = "/v1/sprints/{id}/start", tag = "sprints", operation_id = "start_sprint",
    params(("id" = Uuid, Path, description = "The sprint's id")),
    responses((status = 200, description = "The sprint as it is now.", body = Sprint)))]
pub async fn start_sprint(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    action: Action,
) -> Result<Response, Problem> {
    act(&app, &caller, id, Command::Start, action).await
}
