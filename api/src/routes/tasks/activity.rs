//! `GET /v1/tasks/{id}/activity`

use axum::extract::State;
use axum::response::Response;
use docket_domain::ids::TaskId;
use docket_domain::Actor;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::query::Query;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::{Listed, page};

/// Something that happened to a task.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the JSON that the activity read model writes")]
pub struct Activity {
    /// The event's place in history: `<partition>-<position>`.
    position: String,
    /// What happened, for example `task.status_changed`.
    event: String,
    /// When.
    occurred_at: chrono::DateTime<chrono::Utc>,
    /// Who did it.
    actor: Actor,
    /// The key that was used.
    key_id: Option<Uuid>,
    /// The request that carried it.
    request_id: String,
    /// The API it came through.
    dialect: String,
    /// Which fields changed, from what to what.
    changes: Vec<Change>,
}

/// A field that changed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the JSON that the activity read model writes")]
pub struct Change {
    /// Its name.
    field: String,
    /// What it was.
    from: serde_json::Value,
    /// What it is.
    to: serde_json::Value,
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
