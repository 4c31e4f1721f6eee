//! What deciding gives: events that are not recorded yet, and what they mean.

use std::borrow::Cow;
use std::sync::Arc;

use cqrs_es::DomainEvent as _;
use serde_json::value::{RawValue, to_raw_value};

use crate::aggregate::{Aggregate, Effects};
use crate::personal::{self, Parted};
use crate::refusal::{Kind, Refusal};
use crate::snapshot::AnySnapshot;

/// An event that is decided but not yet recorded.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// For example `task.created`.
    pub event_type: String,
    /// Schema version of the payload.
    pub event_version: i16,
    /// The bytes that will be stored.
    pub payload: Box<RawValue>,
    /// What is personal, to be kept beside them.
    pub personal: Option<Box<RawValue>>,
}

impl NewEvent {
    /// The payload with what is personal in its place.
    pub fn whole(&self) -> Cow<'_, RawValue> {
        personal::join(&self.payload, self.personal.as_deref())
    }
}

/// What a command comes to: events, their meaning to the log, and the state after them.
pub struct Decision {
    /// The events, in order; none when there is nothing to change.
    pub events: Vec<NewEvent>,
    /// Their effects together.
    pub effects: Effects,
    /// The state after them (still without the numbers that the log will give a new aggregate).
    pub after: Arc<dyn AnySnapshot>,
}

impl Decision {
    /// There is nothing to change.
    pub fn nothing(state: Arc<dyn AnySnapshot>) -> Self {
        Self { events: Vec::new(), effects: Effects::default(), after: state }
    }
}

/// An event as it will be stored; `salt` is asked for if anything of it is personal.
pub(crate) fn new_event<A: Aggregate>(change: &A::Event, salt: impl FnOnce() -> String) -> Result<NewEvent, Refusal> {
    let event_type = change.event_type();
    let members = A::personal(&event_type);
    let stored = || -> serde_json::Result<Parted> {
        if members.is_empty() {
            return Ok((to_raw_value(change)?, None));
        }
        personal::part(serde_json::from_value(serde_json::to_value(change)?)?, members, salt())
    };
    let (payload, personal) =
        stored().map_err(|_| Refusal::new(Kind::Invalid, "unencodable", "The values can't be stored."))?;
    Ok(NewEvent { event_version: A::event_version(&event_type), event_type, payload, personal })
}
