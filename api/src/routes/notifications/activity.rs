//! `GET /v1/notifications/{id}/activity`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_domain::notification;

use super::{Notification, me};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Shown;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;
use crate::routes::activity;
use crate::routes::history::EventOfResource;
use crate::routes::history::get::AskHistory;
use crate::routes::paging::Listed;

/// What happened to one of one's own notifications, from its creation on.
#[utoipa::path(get, path = "/v1/notifications/{id}/activity", tag = "notifications",
    params(("id" = Uuid, Path, description = "The notification's id"), AskHistory),
    responses((status = 200, description = "A page of its activity.", body = inline(Listed<EventOfResource>))))]
pub async fn list_notification_activity(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Query(asked): Query<AskHistory>,
) -> Result<Response, Problem> {
    let (me, shown) = (me(&caller)?, Shown::<Notification>::whole());
    respond::view_below(&app, &caller, id, ("member_id", me.0), &shown, &HeaderMap::new()).await?;
    activity::of::<notification::Notification>(&app, &caller, id, asked).await
}
