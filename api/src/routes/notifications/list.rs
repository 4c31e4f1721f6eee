//! `GET /v1/notifications`

use axum::extract::State;
use axum::response::Response;
use docket_projections::{NOTIFICATIONS, Op, Value};

use super::{Notification, me};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listing;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::Listed;

/// Lists one's own notifications, newest first unless sorted otherwise.
#[utoipa::path(get, path = "/v1/notifications", tag = "notifications", operation_id = "list_notifications",
    params(Listing::<Notification>),
    responses((status = 200, description = "A page of notifications.", body = inline(Listed<Notification>))))]
pub async fn list_notifications(
    State(app): State<App>,
    caller: Caller,
    mut asked: Listing<Notification>,
) -> Result<Response, Problem> {
    let me = Value::Id(me(&caller)?.0);
    asked.0 = asked.0.with(&NOTIFICATIONS, "member_id", Op::Is, vec![me]);
    respond::list(&app, &caller, &asked).await
}
