//! The catalogue of a workspace: its teams, positions, spaces, customers, labels and webhooks.
//!
//! All live alike. An entry is created under a name that is unique among its kind, whatever its case, and changed field
//! by field. Deleting it frees the name; restoring it takes the name again, or is refused if another has it by then.
//! What refers to a deleted entry goes on doing so, but nothing new can refer to it.
//!
//! What a kind has of its own is in its file: its fields ([`Kind`]), and which values they can have. All else is here.

pub mod customer;
mod event;
mod fields;
pub mod label;
pub mod position;
pub mod space;
pub mod team;
#[cfg(test)]
mod tests;
pub mod webhook;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use event::{Event, Names};
pub use fields::Patch;

use crate::aggregate::{Aggregate, Claim, Context, Effects, Lifecycle, Reference};
use crate::refusal::{self, Refusal};
use crate::words::is_color;

/// The fields of one kind of entry, and what is true of them.
pub trait Kind:
    Clone + std::fmt::Debug + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Other values for some of them.
    type Changes: Patch<Self>;

    /// The aggregate's type.
    const KIND: &'static str;
    /// The wire names of its events.
    const EVENTS: Names;

    /// The name; empty before there is an entry.
    fn name(&self) -> &str;

    /// Values that only one entry may hold: its name, at least.
    fn claims(&self) -> Vec<Claim>;

    /// Other words by which it is found, besides its name.
    fn also_known_as(&self) -> Option<&str> {
        None
    }

    /// Whether these changes can't be taken back.
    fn lasts(_changes: &Self::Changes) -> bool {
        false
    }

    /// The ids of other aggregates among its fields.
    fn refers_to(&self) -> Vec<Uuid> {
        Vec::new()
    }

    /// Brings the values to the form in which they are kept.
    fn tidy(&mut self) {}

    /// Whether they are possible.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// What has to exist so that they can become these.
    fn references(&self, _next: &Self) -> Vec<Reference> {
        Vec::new()
    }
}

/// An entry of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "F: DeserializeOwned"))]
pub struct Entry<F> {
    /// What its kind has of its own.
    #[serde(flatten)]
    pub fields: F,
    /// Whether it was taken away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

impl<F: Default> Default for Entry<F> {
    fn default() -> Self {
        Self { fields: F::default(), deleted: true }
    }
}

/// What one can ask of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Command<F: Kind> {
    /// Bring it into being.
    Create(F),
    /// Change some fields.
    Update(F::Changes),
    /// Take it away.
    Delete,
    /// Bring it back.
    Restore,
}

/// Why a command for an entry is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such entry.
    #[error("There is no such resource.")]
    NotFound,
    /// The id is taken.
    #[error("There is already a resource with this id.")]
    AlreadyExists,
    /// Not a colour.
    #[error("A colour is written #rrggbb.")]
    NotAColor,
    /// Not an address.
    #[error("This is not an e-mail address.")]
    NotAnAddress,
    /// Not a currency.
    #[error("A currency is a code of ISO 4217, such as EUR.")]
    NotACurrency,
    /// Not where anything can be sent.
    #[error("This is not a URL that can be sent to: https://…, without a user, a fragment or an unusual port.")]
    NotATarget,
    /// Not what happens.
    #[error("This is no type of event: task.created, or task.* for all of tasks.")]
    NotAnEventType,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let invalid =
            |code, pointer: &'static str| Self::new(refusal::Kind::Invalid, code, error.to_string()).at(pointer);
        match error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(refusal::Kind::Conflict, "already-exists", error.to_string()),
            Error::NotAColor => invalid("not-a-color", "/color"),
            Error::NotAnAddress => invalid("not-an-address", "/email"),
            Error::NotACurrency => invalid("not-a-currency", "/currency"),
            Error::NotATarget => invalid("not-a-target", "/url"),
            Error::NotAnEventType => invalid("not-an-event-type", "/event_types"),
        }
    }
}

impl<F: Kind> Aggregate for Entry<F> {
    fn decide(&self, command: &Command<F>, _: &Context) -> Result<Vec<Event<F>>, Error> {
        match command {
            Command::Create(_) if self.exists() => Err(Error::AlreadyExists),
            Command::Restore if self.exists() => Ok(if self.deleted { vec![Event::Restored] } else { Vec::new() }),
            Command::Create(_) => Ok(vec![Event::Created(self.changes(command)?)]),
            _ if self.deleted => Err(Error::NotFound),
            Command::Update(_) => {
                let changes = self.changes(command)?;
                Ok(if changes == F::Changes::default() { Vec::new() } else { vec![Event::Changed(changes)] })
            }
            Command::Delete => Ok(vec![Event::Deleted]),
            Command::Restore => Err(Error::NotFound),
        }
    }

    fn references(&self, command: &Command<F>) -> Vec<Reference> {
        self.fields.references(&self.next(command))
    }

    /// Whatever happened: it is alive or not, and holds what its fields claim as long as it is.
    fn effects(&self, event: &Event<F>) -> Effects {
        let mut after = self.clone();
        after.evolve(event.clone());
        let lifecycle = if after.alive() { Lifecycle::Alive } else { Lifecycle::Gone };
        let (held, wanted) = (self.claims(), after.claims());
        let without = |from: &[Claim], those: &[Claim]| -> Vec<Claim> {
            from.iter().filter(|claim| !those.iter().any(|other| other.is_same(claim))).cloned().collect()
        };
        Effects {
            lifecycle: (self.alive() != after.alive()).then_some(lifecycle),
            takes: without(&wanted, &held),
            frees: without(&held, &wanted),
            ..Effects::default()
        }
    }

    fn inverse(&self, event: &Event<F>) -> Option<Vec<Event<F>>> {
        Some(vec![match event {
            Event::Created(_) => return None,
            Event::Changed(changes) if F::lasts(changes) => return None,
            Event::Changed(changes) => {
                let mut after = self.fields.clone();
                changes.clone().apply(&mut after);
                Event::Changed(F::Changes::between(&after, &self.fields))
            }
            Event::Deleted => Event::Restored,
            Event::Restored => Event::Deleted,
        }])
    }

    fn removal(&self, _: DateTime<Utc>) -> Option<Vec<Event<F>>> {
        Some(vec![Event::Deleted])
    }

    fn rule(&self, event: &Event<F>) -> Option<Command<F>> {
        Some(match event {
            Event::Deleted => Command::Delete,
            Event::Restored => Command::Restore,
            Event::Changed(changes) => Command::Update(changes.clone()),
            Event::Created(_) => return None,
        })
    }

    fn alive(&self) -> bool {
        !self.deleted
    }
}

impl<F: Kind> Entry<F> {
    fn exists(&self) -> bool {
        !self.fields.name().is_empty()
    }

    fn claims(&self) -> Vec<Claim> {
        if self.alive() { self.fields.claims() } else { Vec::new() }
    }

    /// The fields as the command would have them.
    fn next(&self, command: &Command<F>) -> F {
        let mut next = match command {
            Command::Create(fields) => fields.clone(),
            Command::Update(changes) => {
                let mut next = self.fields.clone();
                changes.clone().apply(&mut next);
                next
            }
            Command::Delete | Command::Restore => return self.fields.clone(),
        };
        next.tidy();
        next
    }

    /// What the command would change.
    fn changes(&self, command: &Command<F>) -> Result<F::Changes, Error> {
        let next = self.next(command);
        next.check()?;
        Ok(F::Changes::between(&self.fields, &next))
    }

    fn evolve(&mut self, event: Event<F>) {
        match event {
            Event::Created(changes) => {
                self.deleted = false;
                changes.apply(&mut self.fields);
            }
            Event::Changed(changes) => changes.apply(&mut self.fields),
            Event::Deleted => self.deleted = true,
            Event::Restored => self.deleted = false,
        }
    }
}

impl<F: Kind> cqrs_es::Aggregate for Entry<F> {
    const TYPE: &'static str = F::KIND;
    type Command = Command<F>;
    type Event = Event<F>;
    type Error = Error;
    type Services = Context;

    async fn handle(
        &mut self,
        command: Command<F>,
        context: &Context,
        sink: &cqrs_es::event_sink::EventSink<Self>,
    ) -> Result<(), Error> {
        for event in self.decide(&command, context)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Event<F>) {
        self.evolve(event);
    }
}

/// The claim to a name, or another text that is the same whatever its case.
fn claim(scope: &'static str, text: &str, pointer: &'static str) -> Claim {
    Claim { scope, value: text.to_lowercase(), pointer }
}

/// `#rrggbb`, or none.
fn check_color(color: Option<&str>) -> Result<(), Error> {
    if color.is_none_or(is_color) { Ok(()) } else { Err(Error::NotAColor) }
}
