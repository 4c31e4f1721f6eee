//! Members.

pub mod activity;
pub mod batch;
pub mod deactivate;
pub mod erase;
pub mod get;
pub mod invite;
pub mod join;
pub mod list;
pub mod reactivate;
pub mod update;

use axum::response::Response;
use chrono::{DateTime, Utc};
use docket_commands::{Answer, Outcome};
use docket_domain::ids::MemberId;
use docket_domain::member::Role;
use docket_domain::{Actor, AnySnapshot};
use docket_projections::{List, MEMBERS, View};
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listable;
use crate::problem::Problem;
use crate::respond;

crate::routes::resource! {
    /// A member of the workspace.
    Member: docket_domain::member::Member,
    /// The teams they belong to; null in the answer to a write if that is not known in time.
    team_ids: Option<Vec<Uuid>>,
    /// Whether they were seen within the last five minutes; null like `team_ids`.
    online: Option<bool>,
    /// When they were last seen; null if never.
    last_seen_at: Option<DateTime<Utc>>
}

/// Where what a member does not know of themselves begins in their document.
const BESIDE: &str = ",\"team_ids\":";

/// A member that was just written, as JSON. What they do not know of themselves is the read model's to say.
async fn shown(app: &App, caller: &Caller, state: &Outcome) -> String {
    app.reads.write_seen().await;
    let read = app.reads.get(&caller.reader(), &MEMBERS, state.state.id(), &View::default()).await;
    // The change is committed: it must be acknowledged even if the rest can't be had in time.
    let doc = read.ok().flatten().map(|doc| doc.json);
    let beside = doc.as_ref().and_then(|doc| doc.rfind(BESIDE).map(|at| &doc[at..]));
    beside.map_or_else(|| alone(&*state.state), |beside| with(&*state.state, beside))
}

/// A member, without what they do not know of themselves.
fn alone(member: &dyn AnySnapshot) -> String {
    with(member, &format!("{BESIDE}null,\"online\":null,\"last_seen_at\":null}}"))
}

fn with(member: &dyn AnySnapshot, beside: &str) -> String {
    let own = member.to_json();
    [own.strip_suffix('}').unwrap_or(&own), beside].concat()
}

/// 200 with a member that was just written.
async fn changed(app: &App, caller: &Caller, answer: &Answer) -> Result<Response, Problem> {
    let body = shown(app, caller, respond::only(answer)?).await;
    respond::changed(answer, body)
}

fn is_oneself(caller: &Caller, id: Uuid) -> bool {
    caller.actor == Actor::Member(MemberId(id))
}

/// Whether the caller may do this: to themselves, or as an admin to others.
fn may_change(caller: &Caller, id: Uuid) -> Result<(), Problem> {
    if is_oneself(caller, id) || caller.role >= Role::Admin {
        return Ok(());
    }
    Err(Problem::forbidden("role-too-low", "Doing this to others takes the role admin or above."))
}

impl Listable for Member {
    const LIST: &List = &MEMBERS;
}
