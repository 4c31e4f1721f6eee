//! The rules of a key.

use chrono::{DateTime, Utc};

use super::{ApiKey, Command, Event};
use crate::actor::Actor;
use crate::aggregate::Context;
use crate::ids::KeyId;
use crate::member::Role;
use crate::refusal::{Kind, Refusal};

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
    /// The old key would be dead at once.
    #[error("This lies in the past.")]
    UntilThePast,
    /// What is ended has no successor.
    #[error("The key is revoked or expired.")]
    Ended,
    /// One successor is enough.
    #[error("The key has been rotated already: rotate its successor.")]
    HasSuccessor,
    /// Somebody else's key.
    #[error("This is somebody else's key.")]
    NotYours,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let invalid = |code, pointer: &'static str| Self::new(Kind::Invalid, code, error.to_string()).at(pointer);
        match error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
            Error::NoScopes => invalid("no-scopes", "/scopes"),
            Error::ExpiresInThePast => invalid("in-the-past", "/expires_at"),
            Error::UntilThePast => invalid("in-the-past", "/old_works_until"),
            Error::Ended => Self::new(Kind::Conflict, "key-ended", error.to_string()),
            Error::HasSuccessor => Self::new(Kind::Conflict, "already-rotated", error.to_string()),
            Error::NotYours => Self::new(Kind::Forbidden, "role-too-low", error.to_string()),
        }
    }
}

pub(super) fn decide(key: &ApiKey, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
    let exists = !key.kid.is_empty();
    match command {
        Command::Mint(_) if exists => Err(Error::AlreadyExists),
        Command::Mint(new) if new.scopes.is_empty() => Err(Error::NoScopes),
        Command::Mint(new) if new.expires_at.is_some_and(|at| at <= context.now) => Err(Error::ExpiresInThePast),
        Command::Mint(new) => Ok(vec![Event::Minted(new.clone())]),
        _ if !exists => Err(Error::NotFound),
        Command::Revoke { by } | Command::Rename { by, .. } if !is_own(key, context) && *by < Role::Admin => {
            Err(Error::NotYours)
        }
        Command::Rotate { by, .. } if !may_be(key, *by, context) => Err(Error::NotYours),
        Command::Revoke { .. } if key.revoked_at.is_some() => Ok(Vec::new()),
        Command::Revoke { .. } => Ok(vec![Event::Revoked { at: context.now }]),
        _ if !key.alive_at(context.now) => Err(Error::Ended),
        Command::Rename { label, .. } if *label == key.label => Ok(Vec::new()),
        Command::Rename { label, .. } => Ok(vec![Event::Renamed { label: label.clone() }]),
        Command::Rotate { .. } if key.successor_id.is_some() => Err(Error::HasSuccessor),
        Command::Rotate { successor_id, until, .. } => rotate(key, *successor_id, *until, context.now),
    }
}

fn rotate(
    key: &ApiKey,
    successor_id: KeyId,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Vec<Event>, Error> {
    let Some(until) = until else {
        return Ok(vec![Event::Rotated { successor_id, until: now }, Event::Revoked { at: now }]);
    };
    if until <= now {
        return Err(Error::UntilThePast);
    }
    // Nothing makes a key live longer than it was meant to.
    let until = key.expires_at.map_or(until, |expiry| expiry.min(until));
    Ok(vec![Event::Rotated { successor_id, until }])
}

fn is_own(key: &ApiKey, context: &Context) -> bool {
    key.member_id.is_some_and(|id| context.actor == Actor::Member(id))
}

/// Whether who asks may have a key like this one: their own, one of the workspace that is not above them, or, as an
/// owner, anybody's.
fn may_be(key: &ApiKey, by: Role, context: &Context) -> bool {
    match key.member_id {
        Some(_) if is_own(key, context) => by >= ApiKey::minter(&key.format),
        Some(_) => by >= Role::Owner,
        None => by >= Role::Admin && by >= key.role,
    }
}

impl ApiKey {
    /// The least role that has a key of its own whose token is in this form.
    pub fn minter(format: &str) -> Role {
        match format {
            "ikreo" | "pike" => Role::Admin,
            "krokanti" => Role::Member,
            _ => Role::Manager,
        }
    }

    fn alive_at(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| at > now)
    }
}
