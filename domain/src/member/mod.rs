//! A member: a person in a workspace.
//!
//! Invited by e-mail address (unique in the workspace, whatever its case), they join, have a role, and may be
//! deactivated; their tasks and history stay. Each has a stream of its own: assigning a task needs the member to be
//! alive, and nothing else of the workspace.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, Claim, Context, Effects, Lifecycle, event_sourced};
use crate::refusal::{Kind, Refusal};
use crate::words::is_address;

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

/// A member's state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = MemberFields))]
pub struct Member {
    /// E-mail address, unique in the workspace.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they are here.
    pub status: Status,
    /// When they were asked.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub invited_at: Option<DateTime<Utc>>,
    /// When they came.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub joined_at: Option<DateTime<Utc>>,
}

/// What one can ask of a member.
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
}

/// What can have happened to a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// They were asked to join.
    #[serde(rename = "member.invited")]
    Invited {
        /// E-mail address.
        email: String,
        /// Their name.
        name: String,
        /// What they may do.
        role: Role,
        /// When.
        at: DateTime<Utc>,
    },
    /// They came.
    #[serde(rename = "member.joined")]
    Joined {
        /// When.
        at: DateTime<Utc>,
    },
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Invited { .. } => "member.invited",
            Self::Joined { .. } => "member.joined",
        }
    }
}

/// Why a command for a member is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such member.
    #[error("There is no such member.")]
    NotFound,
    /// The id is taken.
    #[error("There is already a member with this id.")]
    AlreadyExists,
    /// Not an address.
    #[error("This is not an e-mail address.")]
    NotAnAddress,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
            Error::NotAnAddress => Self::new(Kind::Invalid, "not-an-address", error.to_string()).at("/email"),
        }
    }
}

event_sourced!(Member, "member");

impl Aggregate for Member {
    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
        match command {
            Command::Invite { .. } if !self.email.is_empty() => Err(Error::AlreadyExists),
            Command::Invite { email, .. } if !is_address(email) => Err(Error::NotAnAddress),
            Command::Invite { email, name, role } => {
                Ok(vec![Event::Invited { email: email.clone(), name: name.clone(), role: *role, at: context.now }])
            }
            Command::Join if self.status == Status::Invited => Ok(vec![Event::Joined { at: context.now }]),
            Command::Join if self.status == Status::Active => Ok(Vec::new()),
            Command::Join => Err(Error::NotFound),
        }
    }

    fn effects(&self, event: &Event) -> Effects {
        match event {
            Event::Invited { email, .. } => Effects {
                takes: vec![Claim { scope: "member.email", value: email.to_lowercase(), pointer: "/email" }],
                ..Effects::lifecycle(Lifecycle::Alive)
            },
            Event::Joined { .. } => Effects::default(),
        }
    }

    fn alive(&self) -> bool {
        self.status != Status::Inactive
    }
}

impl Member {
    fn evolve(&mut self, event: Event) {
        match event {
            Event::Invited { email, name, role, at } => {
                *self = Self { email, name, role, status: Status::Invited, invited_at: Some(at), joined_at: None };
            }
            Event::Joined { at } => {
                self.status = Status::Active;
                self.joined_at = Some(at);
            }
        }
    }
}
