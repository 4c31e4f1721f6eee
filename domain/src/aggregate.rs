//! What every aggregate has in common: a pure decision over its own state and the states it refers to.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::actor::Actor;
use crate::ids::WorkspaceId;
use crate::refusal::Refusal;
use crate::snapshot::{AnySnapshot, Snapshot};

/// An aggregate of Docket: `cqrs_es::Aggregate` with its decision as a pure, synchronous function.
pub trait Aggregate: cqrs_es::Aggregate<Services = Context, Error: Into<Refusal>> + Clone + 'static {
    /// The events that carry out `command` now, or why it is refused. No events: there is nothing to change.
    fn decide(&self, command: &Self::Command, context: &Context) -> Result<Vec<Self::Event>, Self::Error>;

    /// What `command` needs to exist besides this aggregate.
    fn references(&self, _command: &Self::Command) -> Vec<Reference> {
        Vec::new()
    }

    /// What it needs besides, now that the states it refers to are known: what those in turn belong to. Asked until
    /// nothing new is named: a task's parent, the parent's parent, and so on.
    fn further_references(&self, _command: &Self::Command, _known: &References) -> Vec<Reference> {
        Vec::new()
    }

    /// What an event means to the log beyond its own aggregate; `self` is the state that it changes.
    fn effects(&self, _event: &Self::Event) -> Effects {
        Effects::default()
    }

    /// The events that take it back to what it is now, once this event has changed it; none, if nothing can.
    fn inverse(&self, _event: &Self::Event) -> Option<Vec<Self::Event>> {
        None
    }

    /// The events that take it away as it is now: what undoes its beginning. None, if nothing can.
    fn removal(&self, _now: DateTime<Utc>) -> Option<Vec<Self::Event>> {
        None
    }

    /// What one would have to be allowed to ask for, so that an event that undoes another may happen to it now.
    fn rule(&self, _event: &Self::Event) -> Option<Self::Command> {
        None
    }

    /// Whether it exists as far as callers are concerned.
    fn alive(&self) -> bool;

    /// Takes in the series number (`2026-0142`) that the log gave it.
    fn take_series(&mut self, _series: &str) {}

    /// The members of an event's payload that say who a person is: see [`crate::personal`].
    fn personal(_event_type: &str) -> &'static [&'static str] {
        &[]
    }

    /// The newest schema version of an event type.
    fn event_version(_event_type: &str) -> i16 {
        1
    }

    /// Brings the payload of an older schema version up to the newest.
    fn upcast(_event_type: &str, _version: i16, payload: Value) -> Value {
        payload
    }
}

/// Whether an aggregate exists after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// It came (back) into being.
    Alive,
    /// It is gone: nothing may refer to it any more.
    Gone,
}

/// A value that only one aggregate of the workspace may hold, for example a member's e-mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What must be unique, for example `member.email`.
    pub scope: &'static str,
    /// The value, already folded to the form in which it must be unique.
    pub value: String,
    /// The member of the request to blame when it is taken.
    pub pointer: &'static str,
}

impl Claim {
    /// Whether it is the same value that is claimed.
    pub fn is_same(&self, other: &Self) -> bool {
        self.scope == other.scope && self.value == other.value
    }
}

/// What an event means to the log beyond its own aggregate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Whether the aggregate exists from now on.
    pub lifecycle: Option<Lifecycle>,
    /// From when on it no longer counts as existing.
    pub expires_at: Option<DateTime<Utc>>,
    /// The series its new number is drawn from, for example `2026`.
    pub series: Option<String>,
    /// Values it takes for itself.
    pub takes: Vec<Claim>,
    /// Values it gives back.
    pub frees: Vec<Claim>,
    /// Whether what is personal in all events of the aggregate is erased.
    pub erases: bool,
}

impl Effects {
    /// The effect of an event that only changes whether the aggregate exists.
    pub fn lifecycle(lifecycle: Lifecycle) -> Self {
        Self { lifecycle: Some(lifecycle), ..Self::default() }
    }

    /// Adds the effects of a later event of the same aggregate. What was taken before and is given back now was never
    /// taken.
    pub fn merge(&mut self, later: Self) {
        self.lifecycle = later.lifecycle.or(self.lifecycle);
        self.expires_at = later.expires_at.or(self.expires_at);
        self.series = later.series.or(self.series.take());
        for free in later.frees {
            match self.takes.iter().position(|take| take.is_same(&free)) {
                Some(taken) => drop(self.takes.remove(taken)),
                None => self.frees.push(free),
            }
        }
        self.takes.extend(later.takes);
        self.erases |= later.erases;
    }
}

/// Something a command refers to: it must be alive in the same workspace when the command commits.
#[derive(Clone)]
pub struct Reference {
    /// The aggregate's type.
    pub kind: &'static str,
    /// Its id.
    pub id: Uuid,
    /// An empty snapshot to load it into, when the decision looks at its state (which must then still be the
    /// same at commit); `None` when being alive is enough.
    pub state: Option<fn(Uuid) -> Box<dyn AnySnapshot>>,
    /// What to answer when it isn't there.
    pub missing: Refusal,
}

impl Reference {
    /// A reference that only has to be alive.
    pub fn alive<A: Aggregate>(id: Uuid, pointer: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: A::TYPE, id, state: None, missing: Refusal::unknown_reference(pointer) }
    }

    /// A reference whose state the decision looks at.
    pub fn state<A: Aggregate>(id: Uuid, pointer: impl Into<Cow<'static, str>>) -> Self {
        Self { state: Some(|id| Box::new(Snapshot::<A>::blank(id))), ..Self::alive::<A>(id, pointer) }
    }

    /// Whether whatever `other` asks is asked by this one already.
    pub fn covers(&self, other: &Self) -> bool {
        (self.kind, self.id) == (other.kind, other.id) && (self.state.is_some() || other.state.is_none())
    }

    /// The same reference, answering as if the command's own aggregate did not exist.
    #[must_use]
    pub fn or_not_found(mut self) -> Self {
        self.missing = Refusal::not_found();
        self
    }
}

/// The states a command referred to with [`Reference::state`].
#[derive(Clone, Default)]
pub struct References(Vec<Arc<dyn AnySnapshot>>);

impl References {
    /// The states, in any order.
    pub fn new(states: Vec<Arc<dyn AnySnapshot>>) -> Self {
        Self(states)
    }

    /// Takes in one more.
    pub fn add(&mut self, state: Arc<dyn AnySnapshot>) {
        self.0.push(state);
    }

    /// The state of one, if it was asked for and exists.
    pub fn get<A: Aggregate>(&self, id: Uuid) -> Option<&A> {
        self.0
            .iter()
            .find(|state| state.id() == id && state.kind() == A::TYPE)
            .and_then(|state| state.as_any().downcast_ref::<Snapshot<A>>())
            .map(|snapshot| &snapshot.state)
    }
}

/// Everything a decision may look at besides the state and the command.
#[derive(Clone)]
pub struct Context {
    /// The aggregate's own id.
    pub id: Uuid,
    /// The tenant.
    pub workspace: WorkspaceId,
    /// Who asks.
    pub actor: Actor,
    /// The time at which it happens.
    pub now: DateTime<Utc>,
    /// Drawn for this command, and told to nobody: see [`crate::personal`].
    pub salt: Uuid,
    /// The states of what the command refers to.
    pub references: References,
}

/// Implements `cqrs_es::Aggregate` for a type by its [`Aggregate::decide`] and an `evolve(&mut self, event)`.
macro_rules! event_sourced {
    ($type:ty, $kind:literal) => {
        impl cqrs_es::Aggregate for $type {
            const TYPE: &'static str = $kind;
            type Command = Command;
            type Event = Event;
            type Error = Error;
            type Services = $crate::aggregate::Context;

            async fn handle(
                &mut self,
                command: Command,
                context: &$crate::aggregate::Context,
                sink: &cqrs_es::event_sink::EventSink<Self>,
            ) -> Result<(), Error> {
                for event in $crate::aggregate::Aggregate::decide(self, &command, context)? {
                    sink.write(event, self).await;
                }
                Ok(())
            }

            fn apply(&mut self, event: Event) {
                self.evolve(event);
            }
        }

        impl cqrs_es::DomainEvent for Event {
            fn event_type(&self) -> String {
                self.name().to_owned()
            }

            fn event_version(&self) -> String {
                <$type as $crate::aggregate::Aggregate>::event_version(self.name()).to_string()
            }
        }
    };
}
pub(crate) use event_sourced;
