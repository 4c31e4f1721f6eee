//! `GET /v1/changes`

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use docket_domain::message::{CloudEvent, Message};
use docket_projections::Stretch;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use utoipa::{IntoParams, ToSchema};

use super::{is_wanted, may_see, wanted};
use crate::app::App;
use crate::auth::{Caller, Welcome};
use crate::edge::position;
use crate::edge::query::Query;
use crate::problem::Problem;
use crate::respond;

/// Unless said otherwise, and at most.
const LIMIT: (usize, usize) = (200, 1_000);
/// Seconds that are waited at most.
const LONGEST_WAIT: u64 = 30;
/// Without any for the caller, so many events are looked through for one answer.
const LOOKED_THROUGH: usize = 5_000;

/// Which changes.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskChanges {
    /// The `position` of the answer before; `0` for all there ever was.
    #[param(example = "0")]
    after: String,
    /// At most so many, 1 to 1,000; 200 unless said otherwise.
    limit: Option<u16>,
    /// Seconds to wait for a change if there is none, up to 30.
    wait: Option<u8>,
    /// Only of these kinds of resources, joined by commas, for example `task,comment`.
    kinds: Option<String>,
}

/// What has changed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is documented, and written as text")]
pub struct Changes<'a> {
    /// The changes, in the order in which they happened.
    data: Vec<CloudEvent<'a>>,
    /// Where to go on: the next `after`.
    position: String,
    /// Whether there is more already.
    has_more: bool,
}

/// What has changed since a position: each change of each resource, as a CloudEvent with the resource as it was then
/// (`upsert`), or that it is gone (`tombstone`). No position ever expires.
#[utoipa::path(get, path = "/v1/changes", tag = "events", operation_id = "list_changes", params(AskChanges),
    responses((status = 200, description = "The changes after that position.", body = Changes)))]
pub async fn list_changes(
    State(app): State<App>,
    caller: Caller,
    welcome: Welcome,
    Query(asked): Query<AskChanges>,
) -> Result<Response, Problem> {
    let kinds = wanted(asked.kinds.as_deref())?;
    let limit = limit(&asked)?;
    let wait = wait(&asked)?;
    let after = position::after(&asked.after, app.reads.partition_of(caller.workspace))?;
    app.reads.check(&caller.reader()).await?;
    let sees = |message: &Message| is_wanted(&kinds, message) && may_see(&caller, message);
    let mut found = look(&app, &caller, after, limit, sees).await?;
    if after > found.head {
        return Err(position::not_there("after"));
    }
    if found.events.is_empty() && found.through >= found.head && wait > 0 {
        let deadline = Instant::now() + Duration::from_secs(wait);
        found = await_change(&app, &caller, found, deadline, sees).await?;
        welcome.lasts(&app).await?;
    }
    Ok(shown(&app, &caller, &found))
}

fn limit(asked: &AskChanges) -> Result<usize, Problem> {
    let limit = asked.limit.map_or(LIMIT.0, usize::from);
    let fits = (1..=LIMIT.1).contains(&limit);
    let refused = || Problem::parameter("limit", "out-of-range", format!("must be 1 to {}", LIMIT.1));
    fits.then_some(limit).ok_or_else(refused)
}

fn wait(asked: &AskChanges) -> Result<u64, Problem> {
    let wait = asked.wait.map_or(0, u64::from);
    let refused = || Problem::parameter("wait", "out-of-range", format!("must be 0 to {LONGEST_WAIT}"));
    (wait <= LONGEST_WAIT).then_some(wait).ok_or_else(refused)
}

type Found = Stretch<Arc<Message>>;

/// Reads on until there is something for the caller, or enough has been looked through.
async fn look(
    app: &App,
    caller: &Caller,
    after: i64,
    limit: usize,
    sees: impl Fn(&Message) -> bool,
) -> Result<Found, Problem> {
    let (mut at, mut looked) = (after, 0);
    loop {
        let mut next = app.reads.told(caller.workspace, at, limit).await?;
        looked += next.events.len();
        next.events.retain(|message| sees(message));
        if !next.events.is_empty() || next.through >= next.head || looked >= LOOKED_THROUGH {
            return Ok(next);
        }
        at = next.through;
    }
}

/// Waits for something that the caller sees.
async fn await_change(
    app: &App,
    caller: &Caller,
    mut found: Found,
    deadline: Instant,
    sees: impl Fn(&Message) -> bool,
) -> Result<Found, Problem> {
    let Some(mut follower) = app.reads.follow(caller.workspace, Some(found.through)).await? else { return Ok(found) };
    while let Ok(next) = timeout_at(deadline, follower.next()).await {
        found = next?;
        found.events.retain(|message| sees(message));
        if !found.events.is_empty() {
            break;
        }
    }
    Ok(found)
}

fn shown(app: &App, caller: &Caller, found: &Found) -> Response {
    let texts: Vec<&str> = found.events.iter().map(|message| message.text.as_str()).collect();
    let partition = app.reads.partition_of(caller.workspace);
    let (through, has_more) = (found.through, found.through < found.head);
    let end = format!("],\"position\":\"{partition}-{through}\",\"has_more\":{has_more}}}");
    respond::json(StatusCode::OK, ["{\"data\":[", &texts.join(","), &end].concat())
}
