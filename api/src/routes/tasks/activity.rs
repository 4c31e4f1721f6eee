//! `GET /v1/tasks/{id}/activity`

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use docket_domain::Actor;
use docket_domain::ids::TaskId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::{Listed, page};

/// Something that happened to a task.
#[derive(Serialize, ToSchema)]
pub struct Activity {
    /// The task's version after it: 1, 2, 3 …
    version: i64,
    /// What happened, for example `task.status_changed`.
    #[serde(rename = "type")]
    event_type: String,
    /// Who did it.
    actor: Actor,
    /// The key that was used.
    #[schema(required = false)]
    key_id: Option<Uuid>,
    /// The request that carried it.
    request_id: String,
    /// The API it came through.
    dialect: String,
    /// When it happened, as the caller says.
    occurred_at: DateTime<Utc>,
    /// When it was committed.
    recorded_at: DateTime<Utc>,
    /// Its place in the history of the workspace's partition.
    position: i64,
    /// What changed, as the event has it.
    data: serde_json::Value,
}

/// Which part of it.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListActivity {
    /// How many at most: 1 to 200, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
}

/// What happened to a task, from its creation on.
#[utoipa::path(get, path = "/v1/tasks/{id}/activity", tag = "tasks", operation_id = "list_task_activity",
    params(("id" = Uuid, Path, description = "The task's id"), ListActivity),
    responses((status = 200, description = "A page of its activity.", body = inline(Listed<Activity>))))]
pub async fn list_task_activity(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Query(asked): Query<ListActivity>,
) -> Result<Response, Problem> {
    let page = page(asked.limit, asked.cursor, None)?;
    let page = app.reads.activity(&caller.reader(), TaskId(id), &page).await?;
    // Whatever exists was created, and that is in its activity.
    if page.total == 0 { Err(Problem::not_found()) } else { Ok(respond::page(&page)) }
}
