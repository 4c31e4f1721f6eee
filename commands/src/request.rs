//! Who asks, and how: what a command carries besides its intents.

use chrono::{DateTime, Utc};
use docket_domain::ids::{KeyId, WorkspaceId};
use docket_domain::member::Role;
use docket_domain::{Actor, Cause, Metadata};
use uuid::Uuid;

/// An `Idempotency-Key`, as the log keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// SHA-256 of the key.
    pub key: [u8; 32],
    /// SHA-256 of all that makes the request what it is: method, path, precondition and body.
    pub fingerprint: [u8; 32],
}

/// The circumstances of a command.
#[derive(Clone, Debug)]
pub struct Request {
    /// A fresh id for the command.
    pub command: Uuid,
    /// The tenant.
    pub workspace: WorkspaceId,
    /// Who asks.
    pub actor: Actor,
    /// The key in use; the command commits only while it is alive.
    pub key: Option<KeyId>,
    /// The role that let a member in; the command commits only while they have it.
    pub role: Option<Role>,
    /// Because of what it is sent; none: it was asked for, and that is all.
    pub cause: Option<Cause>,
    /// `X-Request-Id`.
    pub request_id: String,
    /// The API the command came through.
    pub dialect: &'static str,
    /// Set when the caller may send the same request again.
    pub idempotency: Option<Idempotency>,
    /// The time, to the microsecond.
    pub now: DateTime<Utc>,
    /// Drawn for this command, and told to nobody: what is personal is hashed with it.
    pub salt: Uuid,
    /// The W3C `traceparent` of the request, if it is traced.
    pub trace: Option<String>,
}

impl Request {
    pub(crate) fn metadata(&self) -> Metadata {
        Metadata {
            actor: self.actor,
            key_id: self.key,
            request_id: self.request_id.clone(),
            correlation_id: self.request_id.clone(),
            causation_id: self.cause.map_or(self.command, |cause| cause.command),
            causation_position: self.cause.map(|cause| cause.position),
            dialect: self.dialect.to_owned(),
            dated: false,
            idempotency_key_hash: self.idempotency.map(|sent| hex(&sent.key)),
            trace: self.trace.clone(),
        }
    }

    /// Whose idempotency keys these are: the person's or the service's, whichever key they use.
    pub(crate) fn principal(&self) -> Uuid {
        match self.actor {
            Actor::Member(id) => id.0,
            Actor::Service(id) => id.0,
            Actor::System => self.workspace.0,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
