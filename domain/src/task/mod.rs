//! A task: one piece of work in a project.
//!
//! It is created in a project that exists and is not archived, changed field by field, moved between projects,
//! deleted, and may be restored: a deleted task keeps its number and its history. A task of a deleted project is
//! out of reach until the project is restored. Start and due dates are plain dates, and due is never before start.
//! It may be a part of another task, never of itself; deleting a task leaves its parts where they are. It may be in a
//! sprint of its own project that is not closed, and in one of its phases; moving to another project takes it out of
//! both. It is billable or not if its project is done for a customer, and else neither.

mod command;
mod decide;
mod event;
mod family;
mod follow;
mod state;
#[cfg(test)]
mod tests;
mod undo;
mod words;

pub use command::{Changes, Command, Create, Estimate};
pub use decide::Error;
pub use event::Event;
pub use state::Task;
pub use words::{Priority, Status};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::aggregate::{Aggregate, Claim, Context, Effects, Lifecycle, Reference, References, event_sourced};

event_sourced!(Task, "task");

/// How many assignees, and how many labels, a task may have.
pub const MOST_REFERENCES: usize = 50;

/// A task keeps its external id when it is deleted: bringing the same work in again must not double it.
fn external_id_claim(id: &str) -> Claim {
    Claim { scope: "task.external_id", value: id.to_owned(), pointer: "/external_id" }
}

impl Aggregate for Task {
    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
        decide::decide(self, command, context)
    }

    fn references(&self, command: &Command) -> Vec<Reference> {
        decide::references(self, command)
    }

    fn further_references(&self, command: &Command, known: &References) -> Vec<Reference> {
        family::further_references(self, command, known)
    }

    fn effects(&self, event: &Event) -> Effects {
        match event {
            Event::Created { external_id, .. } => Effects {
                takes: external_id.as_deref().map(external_id_claim).into_iter().collect(),
                ..Effects::lifecycle(Lifecycle::Alive)
            },
            Event::Restored => Effects::lifecycle(Lifecycle::Alive),
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
        Some(undo::rule(self, event))
    }

    fn alive(&self) -> bool {
        !self.deleted
    }

    fn event_version(event_type: &str) -> i16 {
        match event_type {
            "task.created" => 2,
            _ => 1,
        }
    }

    fn upcast(event_type: &str, version: i16, payload: Value) -> Value {
        event::upcast(event_type, version, payload)
    }
}
