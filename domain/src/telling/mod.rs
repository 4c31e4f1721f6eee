//! Who is told what: from what has happened to notifications for the people concerned. Pure, like all of the domain: it
//! is given events with their resources, who else is there, and what each wants to hear.
//!
//! [`reasons`] says whom an event concerns and why, [`mentions`] whom a text names, [`notices`] makes one notification of
//! all that one command means to one person, [`reminders`] says when something is due.

mod mentions;
mod notices;
mod reasons;
mod reminders;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{self, MemberId};
use crate::notification::Subject;

pub use mentions::{Person, mentioned};
pub use notices::{Notice, notices};
pub use reasons::{Happened, Surroundings, reasons};
pub use reminders::{Reminder, remind, reminder, told_when_set};

/// Why somebody is told something; what matters most comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = NotificationKind))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// They were asked to join.
    Invited,
    /// A comment or a description names them.
    Mentioned,
    /// A task is theirs.
    Assigned,
    /// A task is no longer theirs.
    Unassigned,
    /// A task of theirs should have been done.
    Overdue,
    /// A task of theirs is due tomorrow.
    DueSoon,
    /// A task of theirs is due on another day.
    DueChanged,
    /// A task of theirs moved on, or back.
    StatusChanged,
    /// Somebody said something about a task that they have, made or talk about.
    Commented,
    /// Work on a sprint with tasks of theirs began.
    SprintStarted,
    /// Work on a sprint with tasks of theirs ended.
    SprintClosed,
}

impl Kind {
    /// All of them, in the order of what matters.
    pub const ALL: [Self; 11] = [
        Self::Invited,
        Self::Mentioned,
        Self::Assigned,
        Self::Unassigned,
        Self::Overdue,
        Self::DueSoon,
        Self::DueChanged,
        Self::StatusChanged,
        Self::Commented,
        Self::SprintStarted,
        Self::SprintClosed,
    ];

    /// The word: also the `kind` of the notification.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Mentioned => "mentioned",
            Self::Assigned => "assigned",
            Self::Unassigned => "unassigned",
            Self::Overdue => "overdue",
            Self::DueSoon => "due_soon",
            Self::DueChanged => "due_changed",
            Self::StatusChanged => "status_changed",
            Self::Commented => "commented",
            Self::SprintStarted => "sprint_started",
            Self::SprintClosed => "sprint_closed",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing to tell one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Whom.
    pub member: MemberId,
    /// Why.
    pub kind: Kind,
    /// The sentence.
    pub text: String,
    /// What it is about.
    pub subject: Option<Subject>,
}

/// The id of what a member is told because of this command: always the same, so that they are told once however often it
/// is tried.
pub fn id_of(command: Uuid, member: MemberId) -> Uuid {
    ids::derived("docket notification", &[command, member.0])
}
