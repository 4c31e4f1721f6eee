//! Undoing what happened: events that compensate others, all in one commit or none at all. What compensates what is for
//! the domain to say (`docket_domain::undo`).

pub mod event;
pub mod key;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use docket_commands::{Error, Idempotency, ItemError, Mode};
use docket_domain::member::Role;
use docket_domain::undo::Undo;
use docket_domain::{Actor, Cause, Recorded, kinds};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::respond;
use crate::routes::audit::{Checkpoint, latest};
use crate::routes::history::Event;

/// What was undone, and how.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the member's name is the answer's")]
pub struct Undone {
    /// The positions of the events that were undone.
    undone: Vec<i64>,
    /// The events that compensate them.
    #[schema(value_type = Vec<Event>)]
    events: Vec<Box<RawValue>>,
    /// The latest signed checkpoint; null if nothing is signed.
    checkpoint: Option<Checkpoint>,
}

/// Who may do what is not for everybody to turn back: that takes an owner.
const POWER: [&str; 4] = ["member", "workspace", "api_key", "key_ring"];
/// What minting a key, and revoking one, is done to.
const KEYS: [&str; 2] = ["api_key", "key_ring"];
/// So many histories are in memory at once.
const READ_AT_ONCE: usize = 500;
/// How often it is tried: others may be changing the same resources.
const TRIES: usize = 3;
/// So many events that stand in the way are named.
const NAMED: usize = 50;

/// An event that stands in the way.
#[derive(Serialize)]
struct InTheWay {
    position: i64,
    #[serde(rename = "type")]
    what: String,
    kind: String,
    resource_id: Uuid,
    version: i64,
    recorded_at: DateTime<Utc>,
    actor: Actor,
    why: &'static str,
}

/// Events to be undone.
#[derive(Default)]
pub struct Chosen {
    /// By aggregate (kind and id) their versions, each with its position.
    events: BTreeMap<(String, Uuid), BTreeMap<i64, i64>>,
    /// The latest of them: because of that it is done.
    latest: Option<Cause>,
}

impl Chosen {
    /// One more.
    pub fn add(&mut self, (kind, id): (&str, Uuid), version: i64, at: Cause) {
        self.events.entry((kind.to_owned(), id)).or_default().insert(version, at.position);
        self.latest = self.latest.filter(|latest| latest.position > at.position).or(Some(at));
    }

    /// Undoes them all.
    pub async fn undo(self, app: &App, caller: &Caller, idempotency: Option<Idempotency>) -> Result<Response, Problem> {
        if self.events.keys().any(|(kind, _)| KEYS.contains(&kind.as_str())) {
            caller.may_manage_keys()?;
        }
        if caller.role < Role::Owner && self.events.keys().any(|(kind, _)| POWER.contains(&kind.as_str())) {
            let detail = "Undoing what was done to members, keys and the workspace takes the role owner.";
            return Err(Problem::forbidden("role-too-low", detail));
        }
        for attempt in 1..=TRIES {
            let (intents, in_the_way) = self.intents(app, caller).await?;
            match app.execute_because(caller, self.latest, idempotency, intents, Mode::Atomic).await? {
                Ok(answer) => {
                    let events = match answer.position {
                        Some(position) => app.reads.command_of(&caller.reader(), position).await?,
                        None => docket_projections::Docs::default(),
                    };
                    let raw = |text: &str| RawValue::from_string(text.to_owned()).map_err(|_| Problem::internal());
                    let mut undone: Vec<i64> = self.events.values().flat_map(|those| those.values().copied()).collect();
                    undone.sort_unstable();
                    let events = events.iter().map(raw).collect::<Result<_, _>>()?;
                    let undone = Undone { undone, events, checkpoint: latest(app, caller).await? };
                    let text = serde_json::to_string(&undone).map_err(|_| Problem::internal())?;
                    return Ok(respond::stamp(&answer, respond::json(StatusCode::OK, text)));
                }
                Err(Error::Item { error: ItemError::Stale { .. }, .. }) if attempt < TRIES => {}
                Err(Error::Item { .. }) if !in_the_way.is_empty() => {
                    let detail = "Nothing was undone: what has happened since stands in the way, or can't be undone.";
                    let named = &in_the_way[..in_the_way.len().min(NAMED)];
                    let named_events = serde_json::to_value(named).map_err(|_| Problem::internal())?;
                    let problem = Problem::conflict("in-the-way", detail).with_member("in_the_way", named_events);
                    return Err(problem.with_member("more", (in_the_way.len() - named.len()).into()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contended.into())
    }

    /// What carries it out, latest first, so that what was made last goes first; and all that stands in the way.
    async fn intents(
        &self,
        app: &App,
        caller: &Caller,
    ) -> Result<(Vec<docket_domain::Intent>, Vec<InTheWay>), Problem> {
        let mut latest: Vec<_> = self.events.iter().collect();
        latest.sort_by_key(|(_, those)| std::cmp::Reverse(those.values().max().copied()));
        let (mut intents, mut in_the_way) = (Vec::with_capacity(latest.len()), Vec::new());
        for some in latest.chunks(READ_AT_ONCE) {
            let ids: Vec<_> = some.iter().map(|((_, id), _)| *id).collect();
            let mut histories = app.reads.events_of(&caller.reader(), &ids).await?;
            for ((kind, id), those) in some {
                let events = histories.remove(id).unwrap_or_default();
                let versions: BTreeSet<i64> = those.keys().copied().collect();
                let undo = kinds::undo(kind, *id, &events, &versions, App::now());
                let undo = undo.and_then(Result::ok).ok_or_else(Problem::internal)?;
                in_the_way.extend(obstacles(&undo, &events));
                intents.push(undo.intent);
            }
        }
        Ok((intents, in_the_way))
    }
}

/// What stands in the way of undoing some of an aggregate's events.
fn obstacles<'a>(undo: &'a Undo, events: &'a [Recorded]) -> impl Iterator<Item = InTheWay> + 'a {
    let later = undo.obstacles.iter().map(|version| (*version, "later"));
    let all = later.chain(undo.lasting.iter().map(|version| (*version, "lasting")));
    all.filter_map(|(version, why)| {
        let event = events.iter().find(|event| event.version == version)?;
        Some(InTheWay {
            position: event.position,
            what: event.event_type.clone(),
            kind: event.kind.clone(),
            resource_id: event.stream,
            version,
            recorded_at: event.recorded_at,
            actor: event.metadata.actor,
            why,
        })
    })
}

/// The operations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(event::undo_event)).routes(routes!(key::undo_key))
}
