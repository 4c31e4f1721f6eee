//! What can have happened to an entry of the catalogue.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Kind;

/// An event, the same for every kind but for its name.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<F: Kind> {
    /// It came into being with these fields; the others are empty.
    Created(F::Changes),
    /// These fields changed.
    Changed(F::Changes),
    /// It was taken away.
    Deleted,
    /// It was brought back.
    Restored,
}

/// The wire names of the events of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    /// Of [`Event::Created`].
    pub created: &'static str,
    /// Of [`Event::Changed`].
    pub changed: &'static str,
    /// Of [`Event::Deleted`].
    pub deleted: &'static str,
    /// Of [`Event::Restored`].
    pub restored: &'static str,
}

impl<F: Kind> Event<F> {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => F::EVENTS.created,
            Self::Changed(_) => F::EVENTS.changed,
            Self::Deleted => F::EVENTS.deleted,
            Self::Restored => F::EVENTS.restored,
        }
    }
}

impl<F: Kind> cqrs_es::DomainEvent for Event<F> {
    fn event_type(&self) -> String {
        self.name().to_owned()
    }

    fn event_version(&self) -> String {
        <super::Entry<F> as crate::Aggregate>::event_version(self.name()).to_string()
    }
}

/// An event as it is written: its name beside its fields.
#[derive(Serialize)]
struct Written<'a, C> {
    #[serde(rename = "type")]
    name: &'static str,
    #[serde(flatten)]
    changes: Option<&'a C>,
}

#[derive(Deserialize)]
struct Read<C> {
    #[serde(rename = "type")]
    name: String,
    #[serde(flatten)]
    changes: C,
}

impl<F: Kind> Serialize for Event<F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let changes = match self {
            Self::Created(changes) | Self::Changed(changes) => Some(changes),
            Self::Deleted | Self::Restored => None,
        };
        Written { name: self.name(), changes }.serialize(to)
    }
}

impl<'de, F: Kind> Deserialize<'de> for Event<F> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Read { name, changes } = Read::<F::Changes>::deserialize(from)?;
        match name.as_str() {
            name if name == F::EVENTS.created => Ok(Self::Created(changes)),
            name if name == F::EVENTS.changed => Ok(Self::Changed(changes)),
            name if name == F::EVENTS.deleted => Ok(Self::Deleted),
            name if name == F::EVENTS.restored => Ok(Self::Restored),
            other => Err(D::Error::custom(format!("unknown event {other}"))),
        }
    }
}
