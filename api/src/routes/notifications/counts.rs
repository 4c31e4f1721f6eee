//! `GET /v1/notifications/counts`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::me;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::moment::AsOf;
use crate::edge::query::Query;
use crate::problem::Problem;
use crate::respond;

/// How many notifications one has.
#[derive(Serialize, ToSchema)]
pub struct NotificationCounts {
    /// All of them.
    total: i64,
    /// Those that have not been read.
    unread: i64,
}

/// How many notifications one has, and how many unread.
#[utoipa::path(get, path = "/v1/notifications/counts", tag = "notifications", operation_id = "count_notifications",
    params(AsOf),
    responses((status = 200, description = "How many there are, exactly.", body = NotificationCounts)))]
pub async fn count_notifications(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<AsOf>,
) -> Result<Response, Problem> {
    let inbox = app.reads.inbox(&caller.reader(), me(&caller)?, asked.moment(caller.partition)?).await?;
    let counts = NotificationCounts { total: inbox.total, unread: inbox.unread };
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&counts).map_err(|_| Problem::internal())?))
}
