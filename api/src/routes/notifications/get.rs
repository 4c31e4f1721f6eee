//! `GET /v1/notifications/{id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::{Notification, me};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Shown;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// One of one's own notifications.
#[utoipa::path(get, path = "/v1/notifications/{id}", tag = "notifications", operation_id = "get_notification",
    params(("id" = Uuid, Path, description = "The notification's id"), Shown::<Notification>),
    responses((status = 200, description = "The notification.", body = Notification),
              (status = 304, description = "It is still the one of `If-None-Match`.")))]
pub async fn get_notification(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    shown: Shown<Notification>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let me = me(&caller)?;
    respond::view_below(&app, &caller, id, ("member_id", me.0), &shown, &headers).await
}
