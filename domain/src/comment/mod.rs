//! A comment: what somebody has said about a task.
//!
//! Only its author changes what it says; who runs projects may take it away as well. It may be restored. A comment on a
//! task that is deleted, or whose project is, is out of reach with it.

mod decide;
mod event;
#[cfg(test)]
mod tests;
mod undo;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use decide::Error;
pub use event::Event;

use crate::actor::Actor;
use crate::aggregate::{Aggregate, Context, Effects, Lifecycle, Reference, References, event_sourced};
use crate::ids::TaskId;
use crate::snapshot::micros;

/// A comment's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = CommentFields))]
pub struct Comment {
    /// The task it is about.
    pub task_id: TaskId,
    /// What it says. Markdown.
    pub body: String,
    /// Who says it.
    pub author: Actor,
    /// When what it says last changed, if it did.
    #[serde(with = "micros::maybe")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub edited_at: Option<DateTime<Utc>>,
    /// Whether it was deleted; only there if it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

impl Default for Comment {
    fn default() -> Self {
        let (task_id, author) = (TaskId(Uuid::nil()), Actor::System);
        Self { task_id, body: String::new(), author, edited_at: None, deleted: true }
    }
}

/// A command for a comment.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// The task it is about.
    pub task_id: TaskId,
    /// Whether the caller may take away, and bring back, what others have said.
    pub moderates: bool,
    /// What to do.
    pub action: Action,
}

/// What to do with a comment.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Say it.
    Create {
        /// What it says.
        body: String,
    },
    /// Say something else instead.
    Edit {
        /// What it says from now on.
        body: String,
    },
    /// Take it away; it can be restored.
    Delete,
    /// Bring it back.
    Restore,
}

event_sourced!(Comment, "comment");

impl Aggregate for Comment {
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
            Event::Created { .. } | Event::Restored => Effects::lifecycle(Lifecycle::Alive),
            Event::Edited { .. } => Effects::default(),
            Event::Deleted => Effects::lifecycle(Lifecycle::Gone),
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

impl Comment {
    fn evolve(&mut self, event: Event) {
        match event {
            Event::Created { task_id, body, author } => {
                *self = Self { task_id, body, author, edited_at: None, deleted: false };
            }
            Event::Edited { body, at } => (self.body, self.edited_at) = (body, Some(at)),
            Event::Deleted => self.deleted = true,
            Event::Restored => self.deleted = false,
        }
    }
}
