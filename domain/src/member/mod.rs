//! A member: a person in a workspace.
//!
//! Invited by e-mail address (unique in the workspace, whatever its case), they join, have a role and perhaps a position,
//! and may be deactivated and come back; their tasks and history stay. Who they are can be
//! erased, and then they can't come back. Each has a stream of its own: assigning a task
//! needs the member to be alive, and nothing else of the workspace. That there is always an owner is for the workspace to
//! say: [`ownership`].

mod decide;
mod event;
pub mod ownership;
#[cfg(test)]
mod tests;
mod undo;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use decide::Error;
pub use event::Event;

use crate::aggregate::{Aggregate, Claim, Context, Effects, Lifecycle, Reference, event_sourced};
use crate::ids::PositionId;

/// What a member may do; each role may do all that the ones after it may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks.
    #[default]
    Viewer,
    /// Works on tasks.
    Member,
    /// Runs projects.
    Manager,
    /// Runs the workspace.
    Admin,
    /// Owns it.
    Owner,
}

impl Role {
    /// From least to most.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Member, Self::Manager, Self::Admin, Self::Owner];

    /// Their words on the wire, in the same order.
    pub const WORDS: [&'static str; 5] = ["viewer", "member", "manager", "admin", "owner"];
}

/// Whether the person is here yet, or still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = MemberStatus))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Asked to join.
    Invited,
    /// Joined.
    Active,
    /// Gone, or never here.
    #[default]
    Inactive,
}

impl Status {
    /// The words on the wire.
    pub const WORDS: [&'static str; 3] = ["invited", "active", "inactive"];
}

/// A member's state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = MemberFields))]
pub struct Member {
    /// E-mail address, unique in the workspace; null once it is erased.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub email: Option<String>,
    /// Their name; `Former member` once it is erased.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they are here.
    pub status: Status,
    /// What they are.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub position_id: Option<PositionId>,
    /// When they were asked.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub invited_at: Option<DateTime<Utc>>,
    /// When they came.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub joined_at: Option<DateTime<Utc>>,
    /// When they went, if they are not here.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub deactivated_at: Option<DateTime<Utc>>,
    /// When it was erased who they were.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub erased_at: Option<DateTime<Utc>>,
}

/// What one can ask of a member. Nobody does anything to somebody above them: `by` is the role of who asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Ask a person to join.
    Invite {
        /// E-mail address.
        email: String,
        /// Their name.
        name: String,
        /// What they will be allowed to do.
        role: Role,
    },
    /// They come.
    Join,
    /// Change some fields: `None` leaves one as it is, `Some(None)` clears it.
    Update {
        /// A new name.
        name: Option<String>,
        /// Another position.
        position_id: Option<Option<PositionId>>,
    },
    /// Let them do more, or less. Not without the workspace: see [`ownership::change_role`].
    ChangeRole {
        /// What they may do from now on.
        role: Role,
        /// Who asks.
        by: Role,
    },
    /// They go. Not without the workspace: see [`ownership::deactivate`].
    Deactivate {
        /// Who asks.
        by: Role,
    },
    /// They come back, as what they were.
    Reactivate {
        /// Who asks.
        by: Role,
    },
    /// They go, and it is forgotten who they were. Not without the workspace: see [`ownership::erase`].
    Erase {
        /// Who asks.
        by: Role,
    },
}

event_sourced!(Member, "member");

fn address(email: &str) -> Claim {
    Claim { scope: "member.email", value: email.to_lowercase(), pointer: "/email" }
}

impl Aggregate for Member {
    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
        decide::decide(self, command, context)
    }

    fn references(&self, command: &Command) -> Vec<Reference> {
        decide::references(self, command)
    }

    fn effects(&self, event: &Event) -> Effects {
        match event {
            Event::Invited { email, .. } => {
                Effects { takes: vec![address(email)], ..Effects::lifecycle(Lifecycle::Alive) }
            }
            Event::Deactivated { .. } => Effects::lifecycle(Lifecycle::Gone),
            Event::Reactivated { .. } => Effects::lifecycle(Lifecycle::Alive),
            Event::Erased { .. } => Effects {
                frees: self.email.iter().map(|email| address(email)).collect(),
                erases: true,
                ..Effects::default()
            },
            _ => Effects::default(),
        }
    }

    fn inverse(&self, event: &Event) -> Option<Vec<Event>> {
        undo::inverse(self, event)
    }

    fn removal(&self, now: DateTime<Utc>) -> Option<Vec<Event>> {
        undo::removal(self, now)
    }

    fn rule(&self, event: &Event) -> Option<Command> {
        undo::rule(self, event)
    }

    fn alive(&self) -> bool {
        self.status != Status::Inactive
    }

    fn personal(event_type: &str) -> &'static [&'static str] {
        match event_type {
            "member.invited" => &["email", "name"],
            "member.renamed" => &["name"],
            _ => &[],
        }
    }
}
