//! `GET /v1/{resource}/{id}/diff`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use docket_domain::changes::Change;
use docket_projections::{Difference, Then};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Resource;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::moment;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;
use crate::routes::audit::{Checkpoint, latest};

/// Between which moments.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskDiff {
    /// The earlier one: a time (RFC 3339), or a position.
    #[param(example = "2026-01-01T00:00:00Z")]
    from: String,
    /// The later one; now, unless said otherwise.
    to: Option<String>,
}

/// The resource at a moment.
#[derive(Serialize, ToSchema)]
pub struct Standing {
    /// How often it had changed; 0: it was not there yet.
    version: i64,
    /// The position of its last event.
    position: Option<i64>,
    /// When that was committed.
    recorded_at: Option<DateTime<Utc>>,
}

/// What differs between two moments.
#[derive(Serialize, ToSchema)]
pub struct Diff {
    /// The earlier one.
    from: Standing,
    /// The later one.
    to: Standing,
    /// The fields that differ.
    changes: Vec<Change>,
    /// The latest signed checkpoint; null if nothing is signed.
    checkpoint: Option<Checkpoint>,
}

impl From<Then> for Standing {
    fn from(then: Then) -> Self {
        let Then { version, position, recorded_at } = then;
        Self { version, position, recorded_at }
    }
}

impl Diff {
    /// What was found, with what was signed last. 400 if the moments are in the wrong order.
    pub fn of(found: Difference, checkpoint: Option<Checkpoint>) -> Result<Self, Problem> {
        if found.from.version > found.to.version {
            return Err(Problem::parameter("from", "out-of-range", "from is not after to."));
        }
        Ok(Self { from: found.from.into(), to: found.to.into(), changes: found.changes, checkpoint })
    }
}

/// What differs between two moments of a resource, field by field.
#[utoipa::path(get, path = "/v1/{resource}/{id}/diff", tag = "audit", operation_id = "get_diff",
    params(("resource" = inline(Resource), Path, description = "What kind of resource"),
           ("id" = Uuid, Path, description = "Its id"), AskDiff),
    responses((status = 200, description = "What differs.", body = Diff)))]
pub async fn get_diff(
    State(app): State<App>,
    caller: Caller,
    Path((resource, Id(id))): Path<(Resource, Id)>,
    Query(asked): Query<AskDiff>,
) -> Result<Response, Problem> {
    let from = moment::read("from", &asked.from, caller.partition)?;
    let to = asked.to.map(|to| moment::read("to", &to, caller.partition)).transpose()?;
    let found = app.reads.difference(&caller.reader(), (resource.kind(), id), from, to).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    let diff = Diff::of(found, latest(&app, &caller).await?)?;
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&diff).map_err(|_| Problem::internal())?))
}
