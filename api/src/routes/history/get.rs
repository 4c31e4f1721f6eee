//! `GET /v1/{resource}/{id}/history`

use axum::extract::State;
use axum::response::Response;
use docket_projections::HistoryQuery;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{EventOfResource, Resource};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;
use crate::routes::audit::{Checkpoint, latest};
use crate::routes::paging::{Listed, page};

/// Which part of it.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskHistory {
    /// The order: oldest first, or newest first.
    #[serde(default)]
    #[param(inline)]
    sort: Order,
    /// How many at most: 1 to 200, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
enum Order {
    #[default]
    #[serde(rename = "version")]
    Oldest,
    #[serde(rename = "-version")]
    Newest,
}

/// A page of a history.
#[derive(Serialize, ToSchema)]
pub struct History {
    #[serde(flatten)]
    page: Listed<EventOfResource>,
    /// The latest signed checkpoint; null if nothing is signed.
    checkpoint: Option<Checkpoint>,
}

impl AskHistory {
    /// As the read side is asked.
    pub fn query(self) -> Result<HistoryQuery, Problem> {
        let page = page(self.limit, self.cursor, None)?;
        Ok(HistoryQuery { page, descending: self.sort == Order::Newest })
    }
}

/// What happened to a resource, from its creation on: who did it, when, with which key, through which API, and which
/// fields it changed from what to what. Also of a deleted one.
#[utoipa::path(get, path = "/v1/{resource}/{id}/history", tag = "audit", operation_id = "get_history",
    params(("resource" = inline(Resource), Path, description = "What kind of resource"),
           ("id" = Uuid, Path, description = "Its id"), AskHistory),
    responses((status = 200, description = "A page of its history.", body = History)))]
pub async fn get_history(
    State(app): State<App>,
    caller: Caller,
    Path((resource, Id(id))): Path<(Resource, Id)>,
    Query(asked): Query<AskHistory>,
) -> Result<Response, Problem> {
    let page = app.reads.history_of(&caller.reader(), resource.kind(), id, &asked.query()?).await?;
    // Whatever exists was created, and that is in its history.
    if page.total == 0 {
        return Err(Problem::not_found());
    }
    Ok(respond::page_with(&page, Some(page.total), &latest(&app, &caller).await?))
}
