//! What folding an aggregate's events gives, and the type-erased forms in which the write path and the projectors
//! handle every kind of aggregate alike.

use std::any::Any;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::Actor;
use crate::aggregate::{Aggregate, Context, Effects, Reference, References};
use crate::decision::{Decision, new_event};
use crate::envelope::Recorded;
use crate::personal;
use crate::refusal::Refusal;

/// An aggregate's state with what the log knows of it. Serialized flat, it is the resource as clients see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot<A> {
    /// The aggregate's id.
    pub id: Uuid,
    /// Dense number per workspace and kind, from 1.
    pub number: i64,
    /// The state itself.
    #[serde(flatten)]
    pub state: A,
    /// Who created it.
    pub created_by: Actor,
    /// When its first event occurred (RFC 3339, UTC, microseconds).
    #[serde(with = "micros")]
    pub created_at: DateTime<Utc>,
    /// When its last event occurred.
    #[serde(with = "micros")]
    pub updated_at: DateTime<Utc>,
    /// How many events it has; the `ETag`.
    pub version: i64,
}

/// An event that can't be read: corrupt, or of a version newer than this program.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The payload does not fit the event type.
    #[error("event {kind} {stream} v{version} ({event_type}) can't be read: {source}")]
    Payload {
        /// Aggregate type.
        kind: String,
        /// Aggregate id.
        stream: Uuid,
        /// Place in the aggregate.
        version: i64,
        /// Event type.
        event_type: String,
        /// What serde says.
        source: serde_json::Error,
    },
    /// Written by a newer program.
    #[error("event type {event_type} has schema version {found}; this program knows up to {known}: upgrade it")]
    TooNew {
        /// Event type.
        event_type: String,
        /// Its version.
        found: i16,
        /// The newest we know.
        known: i16,
    },
    /// The fold was given an event out of turn.
    #[error("{kind} {stream} is at version {at}, and was given event {version}")]
    OutOfTurn {
        /// Aggregate type.
        kind: String,
        /// Aggregate id.
        stream: Uuid,
        /// Version of the state.
        at: i64,
        /// Version of the event.
        version: i64,
    },
}

/// Reads an event's payload, upcasting older schema versions.
pub fn read_event<A: Aggregate>(event: &Recorded) -> Result<A::Event, Unreadable> {
    let known = A::event_version(&event.event_type);
    let unreadable = |source| Unreadable::Payload {
        kind: event.kind.clone(),
        stream: event.stream,
        version: event.version,
        event_type: event.event_type.clone(),
        source,
    };
    let payload = event.whole();
    match event.event_version {
        found if found > known => Err(Unreadable::TooNew { event_type: event.event_type.clone(), found, known }),
        found if found == known => serde_json::from_str(payload.get()).map_err(unreadable),
        found => serde_json::from_str(payload.get())
            .and_then(|old| serde_json::from_value(A::upcast(&event.event_type, found, old)))
            .map_err(unreadable),
    }
}

impl<A: Aggregate> Snapshot<A> {
    /// The snapshot before the first event.
    pub fn blank(id: Uuid) -> Self {
        Self {
            id,
            number: 0,
            state: A::default(),
            created_by: Actor::System,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            version: 0,
        }
    }

    /// What it comes to that these events were decided; `salt` was drawn for the command.
    pub fn decided(
        &self,
        changes: Vec<A::Event>,
        at: DateTime<Utc>,
        actor: Actor,
        salt: Uuid,
    ) -> Result<Decision, Refusal> {
        let mut after = self.clone();
        let mut effects = Effects::default();
        let mut events = Vec::with_capacity(changes.len());
        for change in changes {
            events.push(new_event::<A>(&change, || personal::salt(salt, self.id, after.version + 1))?);
            effects.merge(after.state.effects(&change));
            after.evolve(change, at, actor);
        }
        Ok(Decision { events, effects, after: Arc::new(after) })
    }

    /// Takes in the next event of this aggregate.
    pub fn fold(&mut self, event: &Recorded) -> Result<(), Unreadable> {
        if event.version != self.version + 1 {
            return Err(Unreadable::OutOfTurn {
                kind: event.kind.clone(),
                stream: event.stream,
                at: self.version,
                version: event.version,
            });
        }
        let change = read_event::<A>(event)?;
        self.evolve(change, event.occurred_at, event.metadata.actor);
        if let Some(number) = event.number {
            self.assign(number, event.series.as_deref());
        }
        Ok(())
    }

    fn evolve(&mut self, change: A::Event, at: DateTime<Utc>, actor: Actor) {
        if self.version == 0 {
            self.created_at = at;
            self.created_by = actor;
        }
        self.version += 1;
        self.updated_at = at;
        self.state.apply(change);
    }

    fn assign(&mut self, number: i64, series: Option<&str>) {
        self.number = number;
        if let Some(series) = series {
            self.state.take_series(series);
        }
    }

    /// The resource as JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A [`Snapshot`] of any kind of aggregate.
pub trait AnySnapshot: Any + Send + Sync {
    /// The aggregate's type.
    fn kind(&self) -> &'static str;
    /// Its id.
    fn id(&self) -> Uuid;
    /// How many events it has.
    fn version(&self) -> i64;
    /// Whether it exists as far as callers are concerned.
    fn alive(&self) -> bool;
    /// The same, before its first event.
    fn blank(&self) -> Box<dyn AnySnapshot>;
    /// A copy to change.
    fn copy(&self) -> Box<dyn AnySnapshot>;
    /// Takes in the next event.
    fn fold(&mut self, event: &Recorded) -> Result<(), Unreadable>;
    /// Takes in the numbers the log gave it.
    fn assign(&mut self, number: i64, series: Option<&str>);
    /// The resource as JSON text.
    fn to_json(&self) -> String;
    /// For downcasting to `Snapshot<A>`.
    fn as_any(&self) -> &dyn Any;
}

impl<A: Aggregate> AnySnapshot for Snapshot<A> {
    fn kind(&self) -> &'static str {
        A::TYPE
    }
    fn id(&self) -> Uuid {
        self.id
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn alive(&self) -> bool {
        self.version > 0 && self.state.alive()
    }
    fn blank(&self) -> Box<dyn AnySnapshot> {
        Box::new(Self::blank(self.id))
    }
    fn copy(&self) -> Box<dyn AnySnapshot> {
        Box::new(self.clone())
    }
    fn fold(&mut self, event: &Recorded) -> Result<(), Unreadable> {
        Snapshot::fold(self, event)
    }
    fn assign(&mut self, number: i64, series: Option<&str>) {
        Snapshot::assign(self, number, series);
    }
    fn to_json(&self) -> String {
        Snapshot::to_json(self)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A command for any kind of aggregate.
pub trait AnyCommand: Send + Sync {
    /// The aggregate's type.
    fn kind(&self) -> &'static str;
    /// The aggregate before its first event.
    fn blank(&self, id: Uuid) -> Box<dyn AnySnapshot>;
    /// What the command needs to exist besides `state`.
    fn references(&self, state: &dyn AnySnapshot) -> Vec<Reference>;
    /// What it needs besides, now that the states it refers to are known.
    fn further_references(&self, _state: &dyn AnySnapshot, _known: &References) -> Vec<Reference> {
        Vec::new()
    }
    /// Decides it.
    fn decide(&self, state: &Arc<dyn AnySnapshot>, context: &Context) -> Result<Decision, Refusal>;
}

struct Typed<A: Aggregate>(A::Command);

impl<A: Aggregate<Command: Send + Sync>> Typed<A> {
    fn downcast(state: &dyn AnySnapshot) -> Result<&Snapshot<A>, Refusal> {
        state.as_any().downcast_ref().ok_or_else(Refusal::not_found)
    }
}

impl<A: Aggregate<Command: Send + Sync>> AnyCommand for Typed<A> {
    fn kind(&self) -> &'static str {
        A::TYPE
    }

    fn blank(&self, id: Uuid) -> Box<dyn AnySnapshot> {
        Box::new(Snapshot::<A>::blank(id))
    }

    fn references(&self, state: &dyn AnySnapshot) -> Vec<Reference> {
        Self::downcast(state).map(|snapshot| snapshot.state.references(&self.0)).unwrap_or_default()
    }

    fn further_references(&self, state: &dyn AnySnapshot, known: &References) -> Vec<Reference> {
        Self::downcast(state).map(|snapshot| snapshot.state.further_references(&self.0, known)).unwrap_or_default()
    }

    fn decide(&self, state: &Arc<dyn AnySnapshot>, context: &Context) -> Result<Decision, Refusal> {
        let before = Self::downcast(state.as_ref())?;
        let changes = before.state.decide(&self.0, context).map_err(Into::into)?;
        if changes.is_empty() {
            return Ok(Decision::nothing(state.clone()));
        }
        before.decided(changes, context.now, context.actor, context.salt)
    }
}

/// One command aimed at one aggregate.
pub struct Intent {
    /// The aggregate's id.
    pub id: Uuid,
    /// Whether the id was drawn just now, so that there can be nothing to load.
    pub new: bool,
    /// The versions the caller would change (`If-Match`), if they insist on any.
    pub expected: Option<Vec<i64>>,
    /// When it happened, if not now.
    pub occurred_at: Option<DateTime<Utc>>,
    /// What to do.
    pub command: Box<dyn AnyCommand>,
}

impl Intent {
    /// A command aimed at the aggregate `id`.
    pub fn new<A: Aggregate<Command: Send + Sync>>(id: Uuid, command: A::Command) -> Self {
        Self::of(id, Box::new(Typed::<A>(command)))
    }

    /// A command of any kind aimed at the aggregate `id`.
    pub fn of(id: Uuid, command: Box<dyn AnyCommand>) -> Self {
        Self { id, new: false, expected: None, occurred_at: None, command }
    }

    /// A command that brings an aggregate with a freshly drawn id into being.
    pub fn create<A: Aggregate<Command: Send + Sync>>(id: Uuid, command: A::Command) -> Self {
        Self { new: true, ..Self::new::<A>(id, command) }
    }

    /// The same, only if the aggregate is still at one of these versions.
    #[must_use]
    pub fn expecting(mut self, versions: Option<Vec<i64>>) -> Self {
        self.expected = versions;
        self
    }

    /// The same, at another time than now.
    #[must_use]
    pub fn at(mut self, occurred_at: Option<DateTime<Utc>>) -> Self {
        self.occurred_at = occurred_at;
        self
    }
}

/// RFC 3339 in UTC with exactly six digits of a second.
pub mod micros {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer};

    /// `2026-01-14T09:32:00.000000Z`
    pub fn serialize<S: Serializer>(time: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
    }

    /// Any RFC 3339 time.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
        DateTime::<Utc>::deserialize(from)
    }

    /// The same, of a time that may be unknown.
    pub mod maybe {
        use chrono::{DateTime, Utc};
        use serde::{Deserialize, Deserializer, Serializer};

        /// A time, or null.
        pub fn serialize<S: Serializer>(time: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => super::serialize(time, to),
                None => to.serialize_none(),
            }
        }

        /// Any RFC 3339 time, or null.
        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
            Option::<DateTime<Utc>>::deserialize(from)
        }
    }
}
