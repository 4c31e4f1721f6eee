//! `POST /v1/notifications/{id}/unread`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::notification::{self, Command};

use super::Notification;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;

/// Mark it unread.
#[utoipa::path(post, path = "/v1/notifications/{id}/unread", tag = "notifications", operation_id = "unread_notification",
    params(("id" = Uuid, Path, description = "The notification's id")),
    responses((status = 200, description = "The notification, unread.", body = Notification)))]
pub async fn unread_notification(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let intent = Intent::new::<notification::Notification>(id, Command::Unread).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let body = respond::only(&answer)?.state.to_json();
    respond::changed(&answer, body)
}
