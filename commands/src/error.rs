//! What can go wrong with a command.

use docket_domain::Refusal;
use serde::{Deserialize, Serialize};

/// Why a command was not carried out.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// One of its items was refused, and with it all of them.
    #[error("item {index}: {error}")]
    Item {
        /// Which, from 0.
        index: usize,
        /// Why.
        error: ItemError,
    },
    /// The idempotency key was used for another request.
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// The caller's key is revoked or expired, or its member is gone.
    #[error("the key is revoked or expired")]
    Revoked,
    /// The caller has another role by now than the one that let them in; nothing was changed.
    #[error("the caller's role has changed; nothing else was")]
    OtherRole,
    /// Others kept changing the same aggregates.
    #[error("others kept changing the same resources; nothing was changed")]
    Contended,
    /// Too many commands are waiting, or the database is out of reach; nothing was changed.
    #[error("the write side is not available: {0}")]
    Unavailable(String),
    /// A defect of the program.
    #[error("bug: {0}")]
    Bug(String),
}

/// Why one item was not carried out.
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemError {
    /// The rules say no.
    #[error("{0}")]
    Refused(Refusal),
    /// It is not at the version the caller saw.
    #[error("it is at version {current} now")]
    Stale {
        /// The version it is at.
        current: i64,
    },
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<docket_domain::snapshot::Unreadable> for Error {
    fn from(error: docket_domain::snapshot::Unreadable) -> Self {
        Self::Bug(error.to_string())
    }
}
