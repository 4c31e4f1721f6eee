//! An event as clients see it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use docket_domain::changes::Change;
use docket_domain::ids::KeyId;
use docket_domain::snapshot::micros;
use docket_domain::{Actor, Recorded};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::Error;

#[derive(Serialize)]
struct Entry<'a> {
    position: i64,
    kind: &'a str,
    resource_id: Uuid,
    version: i64,
    #[serde(rename = "type")]
    event_type: &'a str,
    actor: Actor,
    key_id: Option<KeyId>,
    command_id: Uuid,
    causation_id: Uuid,
    causation_position: Option<i64>,
    request_id: &'a str,
    dialect: &'a str,
    #[serde(with = "micros")]
    occurred_at: DateTime<Utc>,
    #[serde(with = "micros")]
    recorded_at: DateTime<Utc>,
    data: Cow<'a, RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<Change>>,
}

/// The members of an event of a resource, as clients see it.
pub const MEMBERS: [&str; 16] = [
    "position",
    "kind",
    "resource_id",
    "version",
    "type",
    "actor",
    "key_id",
    "command_id",
    "causation_id",
    "causation_position",
    "request_id",
    "dialect",
    "occurred_at",
    "recorded_at",
    "data",
    "changes",
];

/// An event, and what it changed if that is known.
pub(crate) fn text(event: &Recorded, changes: Option<Vec<Change>>) -> Result<String, Error> {
    let by = &event.metadata;
    let entry = Entry {
        position: event.position,
        kind: &event.kind,
        resource_id: event.stream,
        version: event.version,
        event_type: &event.event_type,
        actor: by.actor,
        key_id: by.key_id,
        command_id: event.command,
        causation_id: by.causation_id,
        causation_position: by.causation_position,
        request_id: &by.request_id,
        dialect: &by.dialect,
        occurred_at: event.occurred_at,
        recorded_at: event.recorded_at,
        data: without_secrets(event),
        changes,
    };
    serde_json::to_string(&entry).map_err(|error| Error::Bug(error.to_string()))
}

/// A row of the log as JSON, as clients see it.
pub(crate) fn shape(row: &str) -> Result<String, Error> {
    let event: Recorded =
        serde_json::from_str(row).map_err(|error| Error::Bug(format!("an event of the log: {error}")))?;
    text(&event, None)
}

/// What changed, but for hashes of secrets: those are nobody's business.
fn without_secrets(event: &Recorded) -> Cow<'_, RawValue> {
    if event.kind != "api_key" {
        return event.whole();
    }
    let mut data: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(event.payload.get()).unwrap_or_default();
    data.remove("sha256");
    let shown = serde_json::value::to_raw_value(&data).unwrap_or_default();
    Cow::Owned(shown)
}
