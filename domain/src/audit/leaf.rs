//! What the tree is made of: an event as one line of JSON, with payload and metadata byte for byte as they are stored.
//! The line is what is hashed, and what a bundle holds; read back, it is a [`crate::Recorded`].

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::snapshot::micros;

/// An event as it is stored. The order of the fields is frozen: it is part of what is hashed.
#[derive(Debug, Serialize)]
pub struct Leaf<'a> {
    /// The partition of the workspace.
    pub partition: i16,
    /// Position in the partition.
    pub position: i64,
    /// The tenant.
    pub workspace: Uuid,
    /// The aggregate's type.
    pub kind: &'a str,
    /// The aggregate's id.
    pub stream: Uuid,
    /// The event's place in its aggregate.
    pub version: i64,
    /// What happened.
    pub event_type: &'a str,
    /// Schema version of the payload.
    pub event_version: i16,
    /// The aggregate's number, on its first event.
    pub number: Option<i64>,
    /// Its number in a series, on its first event.
    pub series: Option<&'a str>,
    /// The command that wrote it.
    pub command: Uuid,
    /// When it happened.
    #[serde(with = "micros")]
    pub occurred_at: DateTime<Utc>,
    /// When it was committed.
    #[serde(with = "micros")]
    pub recorded_at: DateTime<Utc>,
    /// What changed, exactly as stored.
    pub payload: &'a RawValue,
    /// Who, with what and why, exactly as stored.
    pub metadata: &'a RawValue,
}

/// What is stored is not as Docket writes it.
#[derive(Debug, thiserror::Error)]
#[error("the event at position {position} is not as Docket writes events: {why}")]
pub struct Strange {
    /// Where.
    pub position: i64,
    /// What is wrong with it.
    pub why: String,
}

impl Leaf<'_> {
    /// The line.
    pub fn line(&self) -> Result<String, Strange> {
        let strange = |why: &str| Strange { position: self.position, why: why.to_owned() };
        if [self.payload, self.metadata].iter().any(|json| json.get().contains('\n')) {
            return Err(strange("it has a line break between its values"));
        }
        serde_json::to_string(self).map_err(|error| strange(&error.to_string()))
    }
}

/// Stored JSON as it is.
pub fn stored(position: i64, json: &str) -> Result<&RawValue, Strange> {
    match serde_json::from_str::<&RawValue>(json) {
        Ok(raw) if raw.get().len() == json.len() => Ok(raw),
        Ok(_) => Err(Strange { position, why: "it has white space around a value".to_owned() }),
        Err(error) => Err(Strange { position, why: error.to_string() }),
    }
}
