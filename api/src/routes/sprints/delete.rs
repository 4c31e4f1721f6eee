//! `DELETE /v1/sprints/{id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::sprint::{Command, Sprint};

use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;

/// Take a sprint away; it can be restored. Its tasks stay, and keep naming it.
#[utoipa::path(delete, path = "/v1/sprints/{id}", tag = "sprints", operation_id = "delete_sprint",
    params(("id" = Uuid, Path, description = "The sprint's id")),
    responses((status = 204, description = "It is gone.")))]
pub async fn delete_sprint(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let intent = Intent::new::<Sprint>(id, Command::Delete).expecting(if_match.versions());
    respond::gone(&app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?)
}
