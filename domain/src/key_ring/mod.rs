//! A member's key ring: it holds their keys, and not too many of them. It has no other meaning, and nobody sees it: it is
//! the one stream that all keys of a member change when they come and go, so that the limit holds however many are minted
//! at the same moment.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::aggregate::{Aggregate, Context, Effects, Lifecycle, event_sourced};
use crate::ids::{self, KeyId, MemberId, WorkspaceId};
use crate::refusal::{Kind, Refusal};
use crate::snapshot::Intent;

/// So many keys of a member can be active.
pub const MOST: usize = 20;

/// The keys of a member that are not revoked, and not replaced by another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyRing {
    held: Vec<Held>,
    in_use: bool,
}

/// A key on the ring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Held {
    key_id: KeyId,
    expires_at: Option<DateTime<Utc>>,
}

/// What one can ask of a ring.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Hold a key.
    Add {
        /// The key.
        key_id: KeyId,
        /// From when on it no longer counts.
        expires_at: Option<DateTime<Utc>>,
    },
    /// Hold another key in place of this one.
    Replace {
        /// The one that goes.
        old: KeyId,
        /// The one that comes.
        key_id: KeyId,
        /// From when on that no longer counts.
        expires_at: Option<DateTime<Utc>>,
    },
    /// Let a key go.
    Remove {
        /// The key.
        key_id: KeyId,
    },
}

/// What can have happened to a ring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// A key came to it; those that had expired went.
    #[serde(rename = "key_ring.key_added")]
    Added {
        /// The key.
        key_id: KeyId,
        /// From when on it no longer counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<DateTime<Utc>>,
        /// When it came.
        at: DateTime<Utc>,
    },
    /// A key went.
    #[serde(rename = "key_ring.key_removed")]
    Removed {
        /// The key.
        key_id: KeyId,
    },
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Added { .. } => "key_ring.key_added",
            Self::Removed { .. } => "key_ring.key_removed",
        }
    }
}

/// Why a command for a ring is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is full.
    #[error("A member has at most {MOST} active keys: revoke one first.")]
    Full,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::new(Kind::Conflict, "too-many-keys", error.to_string())
    }
}

/// Something to do with the ring of this member.
pub fn of(workspace: WorkspaceId, member: MemberId, command: Command) -> Intent {
    Intent::new::<KeyRing>(id(workspace, member), command)
}

/// A ring's id follows from its member's, for nobody has to find it otherwise; and from the workspace's: who names a
/// member of another workspace must not come upon their ring.
fn id(workspace: WorkspaceId, member: MemberId) -> Uuid {
    ids::derived("docket key ring", &[workspace.0, member.0])
}

event_sourced!(KeyRing, "key_ring");

impl Aggregate for KeyRing {
    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
        let at = context.now;
        match *command {
            Command::Add { key_id, .. } | Command::Replace { key_id, .. } if self.holds(key_id) => Ok(Vec::new()),
            Command::Replace { old, key_id, expires_at } if self.holds(old) => {
                Ok(vec![Event::Removed { key_id: old }, Event::Added { key_id, expires_at, at }])
            }
            Command::Add { .. } | Command::Replace { .. } if self.active(at) >= MOST => Err(Error::Full),
            Command::Add { key_id, expires_at } | Command::Replace { key_id, expires_at, .. } => {
                Ok(vec![Event::Added { key_id, expires_at, at }])
            }
            Command::Remove { key_id } if self.holds(key_id) => Ok(vec![Event::Removed { key_id }]),
            Command::Remove { .. } => Ok(Vec::new()),
        }
    }

    fn effects(&self, _: &Event) -> Effects {
        if self.in_use { Effects::default() } else { Effects::lifecycle(Lifecycle::Alive) }
    }

    fn inverse(&self, event: &Event) -> Option<Vec<Event>> {
        match event {
            Event::Added { key_id, .. } => Some(vec![Event::Removed { key_id: *key_id }]),
            Event::Removed { .. } => None,
        }
    }

    fn removal(&self, _: DateTime<Utc>) -> Option<Vec<Event>> {
        Some(self.held.iter().map(|held| Event::Removed { key_id: held.key_id }).collect())
    }

    fn alive(&self) -> bool {
        self.in_use
    }
}

impl KeyRing {
    fn holds(&self, key_id: KeyId) -> bool {
        self.held.iter().any(|held| held.key_id == key_id)
    }

    fn active(&self, now: DateTime<Utc>) -> usize {
        self.held.iter().filter(|held| held.expires_at.is_none_or(|at| at > now)).count()
    }

    fn evolve(&mut self, event: Event) {
        self.in_use = true;
        match event {
            Event::Added { key_id, expires_at, at } => {
                self.held.retain(|held| held.expires_at.is_none_or(|expiry| expiry > at));
                self.held.push(Held { key_id, expires_at });
            }
            Event::Removed { key_id } => self.held.retain(|held| held.key_id != key_id),
        }
    }
}
