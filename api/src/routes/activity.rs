//! What happened to a resource: the same for all kinds. Each has its own operation, for each has its own scope.

use axum::response::Response;
use chrono::{DateTime, Utc};
use docket_domain::{Actor, Aggregate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::page;

/// Something that happened to a resource.
#[derive(Serialize, ToSchema)]
pub struct Activity {
    /// The resource's version after it: 1, 2, 3 …
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

/// A page of what happened to one aggregate; what happened to a deleted one can still be seen.
pub async fn of<A: Aggregate>(app: &App, caller: &Caller, id: Uuid, asked: ListActivity) -> Result<Response, Problem> {
    let page = page(asked.limit, asked.cursor, None)?;
    let page = app.reads.activity(&caller.reader(), A::TYPE, id, &page).await?;
    // Whatever exists was created, and that is in its activity.
    if page.total == 0 { Err(Problem::not_found()) } else { Ok(respond::page(&page)) }
}

/// Declares the operation that shows the activity of one kind of resource.
macro_rules! activity {
    ($name:ident, $path:tt, $tag:tt, $aggregate:ty) => {
        /// What happened to it, from its creation on.
        #[utoipa::path(get, path = $path, tag = $tag,
            params(("id" = Uuid, Path, description = "The resource's id"), $crate::routes::activity::ListActivity),
            responses((status = 200, description = "A page of its activity.",
                       body = inline($crate::routes::paging::Listed<$crate::routes::activity::Activity>))))]
        pub async fn $name(
            axum::extract::State(app): axum::extract::State<$crate::app::App>,
            caller: $crate::auth::Caller,
            $crate::edge::path::Path(id): $crate::edge::path::Path<$crate::edge::scalars::Id>,
            $crate::edge::query::Query(asked): $crate::edge::query::Query<$crate::routes::activity::ListActivity>,
        ) -> Result<axum::response::Response, $crate::problem::Problem> {
            $crate::routes::activity::of::<$aggregate>(&app, &caller, id.0, asked).await
        }
    };
}
pub(crate) use activity;
