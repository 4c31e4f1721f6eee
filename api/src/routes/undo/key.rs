//! `POST /v1/keys/{id}/undo`

use axum::extract::State;
use axum::response::Response;
use docket_domain::Cause;
use docket_projections::{KEYS, ListQuery, Moment, Op, PageQuery, ReadAs, Start, TRAIL, Value, View};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{Chosen, Undone};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::moment;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;

/// From when on.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskUndo {
    /// The first moment to be undone: a time (RFC 3339), or a position. All of it, unless said otherwise.
    #[param(example = "2026-01-01T00:00:00Z")]
    since: Option<String>,
    #[param(ignore)]
    #[serde(default, rename = "dry_run")]
    _dry_run: Option<bool>,
}

/// Most events at once: they are one commit, which nobody else's passes.
const MOST: usize = 10_000;
/// So many are read at once.
const PAGE: i64 = 1_000;

#[derive(Deserialize)]
struct Done {
    position: i64,
    kind: String,
    resource_id: Uuid,
    version: i64,
    command_id: Uuid,
}

/// Undo everything that was done with a key since some moment, in one commit; or, if something that others have done since
/// stands in the way, nothing, and 409 says what.
#[utoipa::path(post, path = "/v1/keys/{id}/undo", tag = "audit", operation_id = "undo_key",
    params(("id" = Uuid, Path, description = "The key's id"), AskUndo),
    responses((status = 200, description = "It is undone.", body = Undone)))]
pub async fn undo_key(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Query(asked): Query<AskUndo>,
    Action { idempotency, .. }: Action,
) -> Result<Response, Problem> {
    let since = asked.since.map(|since| moment::read("since", &since, caller.partition)).transpose()?;
    if app.reads.get(&caller.reader(), &KEYS, id, &View::default()).await?.is_none() {
        return Err(Problem::not_found());
    }
    // All that the key has done by now, on whatever node.
    let head = app.reads.head(caller.workspace).await?;
    let reader = ReadAs { min_position: Some(head), ..caller.reader() };
    all_done(&app, &reader, id, since).await?.undo(&app, &caller, idempotency).await
}

/// All that was done with a key since some moment.
async fn all_done(app: &App, reader: &ReadAs, key: Uuid, since: Option<Moment>) -> Result<Chosen, Problem> {
    let mut chosen = Chosen::default();
    let (mut count, mut start) = (0, Start::First);
    loop {
        let page = app.reads.list(reader, &TRAIL, &done_with(key, since, start)).await?;
        for doc in page.docs.iter() {
            let done: Done = serde_json::from_str(doc).map_err(|_| Problem::internal())?;
            let at = Cause { command: done.command_id, position: done.position };
            chosen.add((&done.kind, done.resource_id), done.version, at);
            count += 1;
        }
        start = match page.next_cursor {
            None => return Ok(chosen),
            Some(_) if count >= MOST => {
                let detail = format!("The key has done more than {MOST} things since: undo the latest first.");
                return Err(Problem::conflict("too-many-events", detail));
            }
            Some(cursor) => Start::After(cursor),
        };
    }
}

/// Asks for a page of it.
fn done_with(key: Uuid, since: Option<Moment>, start: Start) -> ListQuery {
    let query = ListQuery { page: PageQuery { limit: PAGE, start }, ..ListQuery::default() };
    let query = query.with(&TRAIL, "key_id", Op::Is, vec![Value::Id(key)]);
    match since {
        None => query,
        Some(Moment::Time(time)) => query.with(&TRAIL, "recorded_at", Op::Gte, vec![Value::Instant(time)]),
        Some(Moment::Position(position)) => query.with(&TRAIL, "position", Op::Gte, vec![Value::Integer(position)]),
    }
}
