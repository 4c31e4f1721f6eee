//! An API key: what a program shows to act for a member or for the workspace.
//!
//! It is minted once, with its scopes and perhaps an expiry, and revoked once; a revoked key never comes back. The
//! log holds the SHA-256 of the secret, never the secret.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::aggregate::{Aggregate, Claim, Context, Effects, Lifecycle, Reference, event_sourced};
use crate::ids::MemberId;
use crate::member::{Member, Role};
use crate::refusal::{Kind, Refusal};

/// An API key's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiKey {
    /// What it is for, in the minter's words.
    pub label: String,
    /// The member it acts for; none for a key of the workspace itself.
    pub member_id: Option<MemberId>,
    /// What it may do at most if it stands for no member.
    pub role: Role,
    /// What it may do, as `resource:action`; `admin` is everything.
    pub scopes: Vec<String>,
    /// In which product's form the token is written.
    pub format: String,
    /// The public part of the token, by which it is looked up.
    pub kid: String,
    /// Hex SHA-256 of the whole token.
    pub sha256: String,
    /// From when on it is refused.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
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

/// What one can ask of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Bring it into being.
    Mint(Mint),
    /// End it, for good.
    Revoke,
}

/// What can have happened to a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// It came into being.
    #[serde(rename = "api_key.minted")]
    Minted(Mint),
    /// It was ended.
    #[serde(rename = "api_key.revoked")]
    Revoked {
        /// When.
        at: DateTime<Utc>,
    },
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Minted(_) => "api_key.minted",
            Self::Revoked { .. } => "api_key.revoked",
        }
    }
}

/// Why a command for a key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such key.
    #[error("There is no such key.")]
    NotFound,
    /// The id is taken.
    #[error("There is already a key with this id.")]
    AlreadyExists,
    /// A key without scopes could do nothing.
    #[error("A key needs at least one scope.")]
    NoScopes,
    /// It would be dead at once.
    #[error("The expiry must be in the future.")]
    ExpiresInThePast,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
            Error::NoScopes => Self::new(Kind::Invalid, "no-scopes", error.to_string()).at("/scopes"),
            Error::ExpiresInThePast => Self::new(Kind::Invalid, "in-the-past", error.to_string()).at("/expires_at"),
        }
    }
}

event_sourced!(ApiKey, "api_key");

impl Aggregate for ApiKey {
    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
        match command {
            Command::Mint(_) if !self.kid.is_empty() => Err(Error::AlreadyExists),
            Command::Mint(new) if new.scopes.is_empty() => Err(Error::NoScopes),
            Command::Mint(new) if new.expires_at.is_some_and(|at| at <= context.now) => Err(Error::ExpiresInThePast),
            Command::Mint(new) => Ok(vec![Event::Minted(new.clone())]),
            Command::Revoke if self.kid.is_empty() => Err(Error::NotFound),
            Command::Revoke if self.revoked_at.is_some() => Ok(Vec::new()),
            Command::Revoke => Ok(vec![Event::Revoked { at: context.now }]),
        }
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
            Event::Revoked { .. } => Effects::lifecycle(Lifecycle::Gone),
        }
    }

    fn alive(&self) -> bool {
        !self.kid.is_empty() && self.revoked_at.is_none()
    }
}

impl ApiKey {
    /// Who acts when this key is used.
    pub fn actor(&self, id: crate::ids::KeyId) -> Actor {
        self.member_id.map_or(Actor::Service(id), Actor::Member)
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Minted(new) => {
                *self = Self {
                    label: new.label,
                    member_id: new.member_id,
                    role: new.role,
                    scopes: new.scopes,
                    format: new.format,
                    kid: new.kid,
                    sha256: new.sha256,
                    expires_at: new.expires_at,
                    revoked_at: None,
                };
            }
            Event::Revoked { at } => self.revoked_at = Some(at),
        }
    }
}
