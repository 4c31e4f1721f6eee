//! `GET /v1/{resource}/{id}/history`

use axum::extract::State;
use axum::response::Response;
use docket_projections::{EVENT_MEMBERS, HistoryQuery, Only};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{EventOfResource, Resource};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::some_of;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::{Id, Instant};
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
    /// Only what is of one of these types, joined by commas.
    #[serde(default, rename = "type")]
    #[param(value_type = Option<String>, example = "task.retitled,task.status_changed")]
    types: Vec<String>,
    /// Only what these did: members, or keys that act for none; joined by commas.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    actor_id: Vec<Id>,
    /// Only what was done with these keys, joined by commas.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    key_id: Vec<Id>,
    /// Only what was committed at this instant or later.
    #[serde(rename = "recorded_at[gte]")]
    #[param(value_type = Option<DateTime<Utc>>)]
    from: Option<Instant>,
    /// Only what was committed later.
    #[serde(rename = "recorded_at[gt]")]
    #[param(value_type = Option<DateTime<Utc>>)]
    after: Option<Instant>,
    /// Only what was committed at this instant or before.
    #[serde(rename = "recorded_at[lte]")]
    #[param(value_type = Option<DateTime<Utc>>)]
    to: Option<Instant>,
    /// Only what was committed before.
    #[serde(rename = "recorded_at[lt]")]
    #[param(value_type = Option<DateTime<Utc>>)]
    before: Option<Instant>,
    /// Only these members of each, joined by commas.
    #[param(example = "type,actor,recorded_at")]
    fields: Option<String>,
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
        let (page, time) =
            (page(self.limit, self.cursor, None)?, |instant: Option<Instant>| instant.map(|Instant(at)| at));
        if self.types.iter().any(String::is_empty) {
            return Err(Problem::parameter("type", "invalid-parameter", "must not be empty"));
        }
        let only = Only {
            types: self.types,
            actors: self.actor_id.into_iter().map(|Id(id)| id).collect(),
            keys: self.key_id.into_iter().map(|Id(id)| id).collect(),
            from: time(self.from),
            after: time(self.after),
            to: time(self.to),
            before: time(self.before),
        };
        let fields = self.fields.as_deref().map(|fields| some_of(fields, &EVENT_MEMBERS)).transpose()?;
        Ok(HistoryQuery { page, descending: self.sort == Order::Newest, only, fields })
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
    let found = app.reads.history_of(&caller.reader(), (resource.kind(), id), &asked.query()?).await?;
    let page = found.ok_or_else(Problem::not_found)?;
    Ok(respond::page_with(&page, Some(page.total), &latest(&app, &caller).await?))
}
