//! A notification: something that a member is told.
//!
//! It is sent to one member (to several, as one notification each, in one commit), who reads it, may mark it unread
//! again, and may delete it. It may link to somewhere, and may be about a task or a project. Nobody but its member can
//! do anything with it, or knows that it is there.

mod decide;
mod event;
mod state;
#[cfg(test)]
mod tests;
mod undo;

pub use decide::Error;
pub use event::{Event, Sent};
pub use state::{Channel, Notification, Subject};

use crate::aggregate::{Aggregate, Context, Effects, Lifecycle, Reference, References, event_sourced};
use chrono::{DateTime, Utc};

/// What one can ask of a notification.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Tell a member something.
    Send(Sent),
    /// They have read it.
    Read,
    /// They have not, as far as they are concerned.
    Unread,
    /// They want it gone.
    Delete,
}

event_sourced!(Notification, "notification");

impl Aggregate for Notification {
    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
        decide::decide(self, command, context)
    }

    fn references(&self, command: &Command) -> Vec<Reference> {
        decide::references(command)
    }

    fn further_references(&self, command: &Command, known: &References) -> Vec<Reference> {
        decide::further_references(command, known)
    }

    fn effects(&self, event: &Event) -> Effects {
        match event {
            Event::Sent(_) => Effects::lifecycle(Lifecycle::Alive),
            Event::Deleted => Effects::lifecycle(Lifecycle::Gone),
            Event::Read { .. } | Event::Unread => Effects::default(),
        }
    }

    fn inverse(&self, event: &Event) -> Option<Vec<Event>> {
        undo::inverse(self, event)
    }

    fn removal(&self, now: DateTime<Utc>) -> Option<Vec<Event>> {
        Some(undo::removal(self, now))
    }

    fn rule(&self, event: &Event) -> Option<Command> {
        undo::rule(self, event)
    }

    fn alive(&self) -> bool {
        !self.deleted
    }
}
