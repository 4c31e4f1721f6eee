//! What can have happened to a member.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Member, Role, Status};
use crate::ids::PositionId;
use crate::personal::NOBODY;

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// They were asked to join.
    #[serde(rename = "member.invited")]
    Invited {
        /// E-mail address; empty once it is erased.
        #[serde(default)]
        email: String,
        /// Their name.
        #[serde(default = "nobody")]
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
    /// They got another name.
    #[serde(rename = "member.renamed")]
    Renamed {
        /// The new one.
        #[serde(default = "nobody")]
        name: String,
    },
    /// They got another position, or none.
    #[serde(rename = "member.position_set")]
    PositionSet {
        /// The new one.
        position_id: Option<PositionId>,
    },
    /// They may do more, or less.
    #[serde(rename = "member.role_changed")]
    RoleChanged {
        /// What they may do.
        role: Role,
    },
    /// They went.
    #[serde(rename = "member.deactivated")]
    Deactivated {
        /// When.
        at: DateTime<Utc>,
    },
    /// They came back.
    #[serde(rename = "member.reactivated")]
    Reactivated {
        /// When.
        at: DateTime<Utc>,
    },
    /// Who they were was erased, for good.
    #[serde(rename = "member.erased")]
    Erased {
        /// When.
        at: DateTime<Utc>,
    },
}

fn nobody() -> String {
    NOBODY.to_owned()
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Invited { .. } => "member.invited",
            Self::Joined { .. } => "member.joined",
            Self::Renamed { .. } => "member.renamed",
            Self::PositionSet { .. } => "member.position_set",
            Self::RoleChanged { .. } => "member.role_changed",
            Self::Deactivated { .. } => "member.deactivated",
            Self::Reactivated { .. } => "member.reactivated",
            Self::Erased { .. } => "member.erased",
        }
    }
}

impl Member {
    pub(super) fn evolve(&mut self, event: Event) {
        match event {
            Event::Invited { email, name, role, at } => {
                let email = Some(email).filter(|email| !email.is_empty());
                *self = Self { email, name, role, status: Status::Invited, invited_at: Some(at), ..Self::default() };
            }
            Event::Joined { at } => {
                self.status = Status::Active;
                self.joined_at = Some(at);
            }
            Event::Renamed { name } => self.name = name,
            Event::PositionSet { position_id } => self.position_id = position_id,
            Event::RoleChanged { role } => self.role = role,
            Event::Deactivated { at } => {
                self.status = Status::Inactive;
                self.deactivated_at = Some(at);
            }
            Event::Reactivated { .. } => {
                self.status = if self.joined_at.is_some() { Status::Active } else { Status::Invited };
                self.deactivated_at = None;
            }
            Event::Erased { at } => {
                self.email = None;
                self.name = nobody();
                self.erased_at = Some(at);
            }
        }
    }
}
