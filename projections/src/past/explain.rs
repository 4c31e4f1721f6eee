//! Why a field has its value: the event that gave it, and what that was a part of.

use docket_domain::Recorded;
use serde_json::Value;
use uuid::Uuid;

use super::entry;
use super::query::Fold;
use crate::guard::ReadAs;
use crate::page::Docs;
use crate::{Error, Reads};

/// Most events of a command that are shown.
const MOST: i64 = 200;

/// What stands behind a field's value.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The value.
    pub value: Value,
    /// The event that gave it, as JSON.
    pub event: String,
    /// The request that the command belongs to, which may belong to a longer conversation.
    pub correlation_id: String,
    /// What directly caused the event: its own command, unless something else did.
    pub causation_id: Uuid,
    /// All events of the same command, in order.
    pub command: Docs,
}

/// What became of looking for it.
#[derive(Clone, Debug)]
pub enum Explained {
    /// Here it is.
    By(Box<Explanation>),
    /// The resource has no such field; it has these.
    NoField(Vec<String>),
    /// There is no such resource.
    Absent,
}

impl Reads {
    /// Explains a field of the aggregate of this kind with this id.
    pub async fn explain(&self, reader: &ReadAs, kind: &str, id: Uuid, field: &str) -> Result<Explained, Error> {
        let (_, events) = self.stream(reader, (kind, id), i64::MAX).await?;
        let Some(first) = events.first() else { return Ok(Explained::Absent) };
        let mut fold = Fold::new(kind, id)?;
        // What no event ever changed is as it was created; but every event is an update.
        let mut found: (&Recorded, Vec<_>) = (first, Vec::new());
        for event in &events {
            let changed = fold.step(event).map_err(|error| Error::Bug(error.to_string()))?;
            let always = ["version", "updated_at"].contains(&field);
            if event.version == 1 || always || changed.iter().any(|change| change.field == field) {
                found = (event, changed);
            }
        }
        // A member that was there once and is not any more has a story too.
        let known = fold.members.contains_key(field) || found.1.iter().any(|change| change.field == field);
        if !known {
            return Ok(Explained::NoField(fold.members.keys().cloned().collect()));
        }
        let (event, changed) = found;
        let mut command = Docs::default();
        let siblings = self.command(reader, event.position, MOST).await?;
        for sibling in &siblings {
            command.push(&entry::text(sibling, None)?, siblings.len());
        }
        Ok(Explained::By(Box::new(Explanation {
            value: fold.members.get(field).cloned().unwrap_or_default(),
            event: entry::text(event, Some(changed))?,
            correlation_id: event.metadata.correlation_id.clone(),
            causation_id: event.metadata.causation_id,
            command,
        })))
    }
}
