//! `DELETE /v1/notifications/{id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::notification::{Command, Notification};

use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;

/// Delete one of one's own notifications, for good.
#[utoipa::path(delete, path = "/v1/notifications/{id}", tag = "notifications", operation_id = "delete_notification",
    params(("id" = Uuid, Path, description = "The notification's id")),
    responses((status = 204, description = "It is gone.")))]
pub async fn delete_notification(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let intent = Intent::new::<Notification>(id, Command::Delete).expecting(if_match.versions());
    respond::gone(&app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?)
}
