//! An API key: what a program shows to act for a member or for the workspace.
//!
//! It is minted once, with its scopes and perhaps an expiry. Rotating it mints a successor that may do the same, while
//! the old one goes on working until a given time. It is revoked once, and never comes back. The log holds the SHA-256 of
//! the secret, never the secret. How many keys a member may have is for their [key ring](crate::key_ring) to say.

mod decide;
mod event;
#[cfg(test)]
mod tests;
mod undo;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use decide::Error;
pub use event::Event;

use crate::actor::Actor;
use crate::aggregate::{Aggregate, Claim, Context, Effects, Lifecycle, Reference, event_sourced};
use crate::ids::{KeyId, MemberId};
use crate::member::{Member, Role};

/// An API key's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiKey {
    /// What it is for, in the minter's words.
    pub label: String,
    /// The member it acts for; none for a key of the workspace itself.
    pub member_id: Option<MemberId>,
    /// The role that it has if it acts for no member.
    pub role: Role,
    /// What it may do, as `resource:action`; `admin` is everything.
    pub scopes: Vec<String>,
    /// In which product's form the token is written.
    pub format: String,
    /// The public part of the token, by which people know it.
    pub kid: String,
    /// Hex SHA-256 of the whole token, by which it is looked up.
    pub sha256: String,
    /// From when on it is refused.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The key that takes its place.
    #[serde(default)]
    pub successor_id: Option<KeyId>,
}

impl ApiKey {
    /// The role that it has itself: none if it acts for a member, whose role counts then.
    pub fn held_role(&self) -> Option<Role> {
        self.member_id.is_none().then_some(self.role)
    }
}

impl Default for ApiKey {
    fn default() -> Self {
        Self {
            label: String::new(),
            member_id: None,
            role: Role::Viewer,
            scopes: Vec::new(),
            format: String::new(),
            kid: String::new(),
            sha256: String::new(),
            expires_at: None,
            revoked_at: None,
            successor_id: None,
        }
    }
}

/// A new key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mint {
    /// What it is for.
    pub label: String,
    /// The member it acts for.
    pub member_id: Option<MemberId>,
    /// What it may do at most if it stands for no member.
    pub role: Role,
    /// What it may do.
    pub scopes: Vec<String>,
    /// The token's form.
    pub format: String,
    /// The public part of the token.
    pub kid: String,
    /// Hex SHA-256 of the whole token.
    pub sha256: String,
    /// From when on it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// What one can ask of a key. `by` is the role of who asks: a member's own keys are theirs, whatever their role.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Bring it into being.
    Mint(Mint),
    /// Call it otherwise.
    Rename {
        /// What it is for.
        label: String,
        /// Who asks.
        by: Role,
    },
    /// Let another key take its place.
    Rotate {
        /// That other key.
        successor_id: KeyId,
        /// How long this one goes on working; not at all, unless said.
        until: Option<DateTime<Utc>>,
        /// Who asks.
        by: Role,
    },
    /// End it, for good.
    Revoke {
        /// Who asks.
        by: Role,
    },
}

event_sourced!(ApiKey, "api_key");

impl Aggregate for ApiKey {
    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
        decide::decide(self, command, context)
    }

    fn references(&self, command: &Command) -> Vec<Reference> {
        match command {
            Command::Mint(Mint { member_id: Some(id), .. }) => vec![Reference::alive::<Member>(id.0, "/member_id")],
            _ => Vec::new(),
        }
    }

    fn effects(&self, event: &Event) -> Effects {
        match event {
            Event::Minted(new) => Effects {
                expires_at: new.expires_at,
                takes: vec![Claim { scope: "api_key.kid", value: new.kid.clone(), pointer: "" }],
                ..Effects::lifecycle(Lifecycle::Alive)
            },
            Event::Renamed { .. } => Effects::default(),
            Event::Rotated { until, .. } => Effects { expires_at: Some(*until), ..Effects::default() },
            Event::Revoked { .. } => Effects::lifecycle(Lifecycle::Gone),
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
        !self.kid.is_empty() && self.revoked_at.is_none()
    }
}

impl ApiKey {
    /// Who acts when this key is used.
    pub fn actor(&self, id: KeyId) -> Actor {
        self.member_id.map_or(Actor::Service(id), Actor::Member)
    }
}
