//! An event as it is recorded and as it travels: the same JSON in the log's readers, on NATS and in tests.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::Sha256;
use uuid::Uuid;

use crate::actor::Actor;
use crate::ids::{KeyId, WorkspaceId};
use crate::personal;

/// The circumstances of an event: who, with what, and because of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Who did it.
    pub actor: Actor,
    /// The key that was used, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
    /// The request that carried the command (`X-Request-Id`).
    pub request_id: String,
    /// The conversation this belongs to; a request of its own starts one.
    pub correlation_id: String,
    /// The command that directly caused the event: its own, or the one because of which that was sent.
    pub causation_id: Uuid,
    /// Where an event of that is, if it is not its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation_position: Option<i64>,
    /// The API the command came through.
    pub dialect: String,
    /// Whether its sender has said when it happened, as imports do. Otherwise the time is that of the node's clock.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dated: bool,
    /// Hex SHA-256 of the `Idempotency-Key`, if one was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key_hash: Option<String>,
    /// The W3C `traceparent` of the request, if it is traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// The target of spans that tell what becomes of a traced command. Each has the field `traceparent`.
pub const SPANS: &str = "docket::trace";

/// What a command is sent because of: an event of the same workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The command that wrote it.
    pub command: Uuid,
    /// Its position.
    pub position: i64,
}

/// One event of the log. `(partition, position)` is its place in history: dense from 1, in commit order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recorded {
    /// The partition of the workspace.
    pub partition: i16,
    /// Position in the partition: 1, 2, 3 … without a hole.
    pub position: i64,
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The aggregate's type, for example `task`.
    pub kind: String,
    /// The aggregate's id.
    pub stream: Uuid,
    /// The event's place in its aggregate: 1, 2, 3 …
    pub version: i64,
    /// For example `task.created`. Frozen once released.
    pub event_type: String,
    /// Schema version of `payload`; older ones are upcast when read.
    pub event_version: i16,
    /// On an aggregate's first event: its dense number per workspace and kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// On the first event of a kind that has one: its number in a series, for example `2026-0142`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// The command that wrote it.
    pub command: Uuid,
    /// When it happened, as the caller says.
    pub occurred_at: DateTime<Utc>,
    /// When it was committed, by the database's clock; never goes back within a partition.
    pub recorded_at: DateTime<Utc>,
    /// What changed, exactly as stored.
    pub payload: Box<RawValue>,
    /// What is personal of it, unless that is erased. It does not travel: see [`personal`].
    #[serde(default, skip_serializing)]
    pub personal: Option<Box<RawValue>>,
    /// Who, with what and why.
    pub metadata: Metadata,
}

impl Recorded {
    /// The payload with what is personal in its place, as long as that is known.
    pub fn whole(&self) -> Cow<'_, RawValue> {
        personal::join(&self.payload, self.personal.as_deref())
    }

    /// Whether what is personal of it is not here: it has been erased, or has stayed in the log.
    pub fn is_withheld(&self) -> bool {
        self.personal.is_none() && personal::named(&self.payload).is_some()
    }

    /// Whether it erases what was personal of its aggregate until then.
    pub fn erases(&self) -> bool {
        personal::erases(&self.event_type)
    }

    /// `Nats-Msg-Id`: the same event always has the same.
    pub fn message_id(&self) -> String {
        format!("{}-{}", self.partition, self.position)
    }

    /// The subject it is published on: `<prefix>.ev.<partition>.<workspace>.<aggregate>.<event>`.
    pub fn subject(&self, prefix: &str) -> String {
        let event = self.event_type.split_once('.').map_or(self.event_type.as_str(), |(_, event)| event);
        format!("{prefix}.ev.{}.{}.{}.{event}", self.partition, self.workspace, self.kind)
    }
}

/// The header of a message that says, under the installation's secret, that its body is what the log says.
pub const SEAL: &str = "Docket-Seal";

/// The seal of a message's body: half of an HMAC-SHA256 (RFC 2104), in hexadecimal. Who can't make it can't pretend to
/// be the log, whatever they may publish.
pub fn seal(secret: &[u8], body: &[u8]) -> String {
    // HMAC takes keys of any length, so this can't fail.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap_or_else(|_| Hmac::new(&[0; 64].into()));
    mac.update(body);
    mac.finalize().into_bytes()[..16].iter().fold(String::with_capacity(32), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(nibble.into(), 16).unwrap_or('0'));
        }
        text
    })
}

/// The subjects of all events.
pub fn all_subjects(prefix: &str) -> String {
    format!("{prefix}.ev.>")
}

/// The subjects of one partition's events.
pub fn partition_subjects(prefix: &str, partition: i16) -> String {
    format!("{prefix}.ev.{partition}.>")
}

/// The name of the JetStream stream that carries them.
pub fn stream_name(prefix: &str) -> String {
    format!("{prefix}-events").to_uppercase()
}

/// Which partition a workspace's history lives in. Ids are random, so the remainder spreads them evenly.
pub fn partition_of(workspace: WorkspaceId, partitions: i16) -> i16 {
    let (_, low) = workspace.0.as_u64_pair();
    i16::try_from(low % u64::from(partitions.unsigned_abs().max(1))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 2 and 6.
    #[test]
    fn a_seal_is_an_hmac() {
        assert_eq!(seal(b"Jefe", b"what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c7");
        let long = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(seal(&[0xaa; 131], long), "60e431591ee0b67f0d8a26aacbf5b77f");
    }
}
