//! A sprint: a stretch of time in which a project means to get some of its tasks done.
//!
//! It is planned, started, closed, and may be reopened. A closed sprint takes no new tasks; what becomes of those that
//! are still open is said when it is closed, and is part of the same commit. A deleted sprint may be restored; its
//! tasks keep naming it. A sprint of a deleted project is out of reach until the project is restored.

mod command;
mod decide;
mod event;
mod state;
#[cfg(test)]
mod tests;
mod undo;

pub use command::{Changes, Command, Plan};
pub use decide::Error;
pub use event::Event;
pub use state::{Sprint, Status};

use crate::aggregate::{Aggregate, Context, Effects, Lifecycle, Reference, event_sourced};
use chrono::{DateTime, Utc};

event_sourced!(Sprint, "sprint");

impl Aggregate for Sprint {
    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
        decide::decide(self, command, context)
    }

    fn references(&self, command: &Command) -> Vec<Reference> {
        decide::references(self, command)
    }

    fn effects(&self, event: &Event) -> Effects {
        match event {
            Event::Planned { .. } | Event::Restored => Effects::lifecycle(Lifecycle::Alive),
            Event::Deleted => Effects::lifecycle(Lifecycle::Gone),
            _ => Effects::default(),
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
