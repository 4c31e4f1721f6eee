//! Undoing what happened: events that compensate others, all in one commit or none at all. What compensates what is for
//! the domain to say (`docket_domain::undo`).

pub mod event;
pub mod key;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use axum::response::Response;
use docket_commands::{Error, Idempotency, ItemError, Mode};
use docket_domain::kinds;
use docket_domain::member::Role;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::{FieldError, Problem};
use crate::respond;
use crate::routes::history::Event;

/// What was undone, and how.
#[derive(Serialize, ToSchema)]
pub struct Undone {
    /// The positions of the events that were undone.
    undone: Vec<i64>,
    /// The events that compensate them.
    #[schema(value_type = Vec<Event>)]
    events: Vec<Box<RawValue>>,
}

/// Who may do what is not for everybody to turn back: that takes an owner.
const POWER: [&str; 4] = ["member", "workspace", "api_key", "key_ring"];
/// How often it is tried: others may be changing the same resources.
const TRIES: usize = 3;
/// So many events that stand in the way are named.
const NAMED: usize = 50;

/// Events to be undone: by aggregate (kind and id) their versions, each with its position.
#[derive(Default)]
pub struct Chosen(BTreeMap<(String, Uuid), BTreeMap<i64, i64>>);

impl Chosen {
    /// One more.
    pub fn add(&mut self, kind: &str, id: Uuid, version: i64, position: i64) {
        self.0.entry((kind.to_owned(), id)).or_default().insert(version, position);
    }

    /// Undoes them all.
    pub async fn undo(self, app: &App, caller: &Caller, idempotency: Option<Idempotency>) -> Result<Response, Problem> {
        if caller.role < Role::Owner && self.0.keys().any(|(kind, _)| POWER.contains(&kind.as_str())) {
            let detail = "Undoing what was done to members, keys and the workspace takes the role owner.";
            return Err(Problem::forbidden("role-too-low", detail));
        }
        for attempt in 1..=TRIES {
            let (intents, in_the_way) = self.intents(app, caller).await?;
            match app.try_execute(caller, idempotency, intents, Mode::Atomic).await? {
                Ok(answer) => {
                    let events = match answer.position {
                        Some(position) => app.reads.command_of(&caller.reader(), position).await?,
                        None => docket_projections::Docs::default(),
                    };
                    let raw = |text: &str| RawValue::from_string(text.to_owned()).map_err(|_| Problem::internal());
                    let mut undone: Vec<i64> = self.0.values().flat_map(|those| those.values().copied()).collect();
                    undone.sort_unstable();
                    let undone = Undone { undone, events: events.iter().map(raw).collect::<Result<_, _>>()? };
                    let text = serde_json::to_string(&undone).map_err(|_| Problem::internal())?;
                    return Ok(respond::stamp(&answer, respond::json(StatusCode::OK, text)));
                }
                Err(Error::Item { error: ItemError::Stale { .. }, .. }) if attempt < TRIES => {}
                Err(Error::Item { .. }) if !in_the_way.is_empty() => {
                    let detail = "Nothing was undone: what has happened since stands in the way, or can't be undone.";
                    return Err(Problem { errors: in_the_way, ..Problem::conflict("in-the-way", detail) });
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
    ) -> Result<(Vec<docket_domain::Intent>, Vec<FieldError>), Problem> {
        let mut latest: Vec<_> = self.0.iter().collect();
        latest.sort_by_key(|(_, those)| std::cmp::Reverse(those.values().max().copied()));
        let (mut intents, mut in_the_way) = (Vec::with_capacity(latest.len()), Vec::new());
        for ((kind, id), those) in latest {
            let events = app.reads.events_of(&caller.reader(), kind, *id).await?;
            let versions: BTreeSet<i64> = those.keys().copied().collect();
            let undo = kinds::undo(kind, *id, &events, &versions, App::now());
            let undo = undo.and_then(Result::ok).ok_or_else(Problem::internal)?;
            let mut name = |version: i64, code: &'static str, why: &str| {
                let Some(event) = events.iter().find(|event| event.version == version) else { return };
                if in_the_way.len() < NAMED {
                    let detail = format!("{}: {} of the {kind} {id} {why}", event.position, event.event_type);
                    in_the_way.push(FieldError::parameter("position", code, detail));
                }
            };
            undo.obstacles.iter().for_each(|version| name(*version, "in-the-way", "came after it"));
            undo.lasting.iter().for_each(|version| name(*version, "lasting", "can't be undone"));
            intents.push(undo.intent);
        }
        Ok((intents, in_the_way))
    }
}

/// The operations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(event::undo_event)).routes(routes!(key::undo_key))
}
