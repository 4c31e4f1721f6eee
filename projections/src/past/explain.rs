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
/// Longest chain that is followed.
const LONGEST: usize = 20;

/// What stands behind a field's value.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The value.
    pub value: Value,
    /// The event that gave it, as JSON.
    pub event: String,
    /// The request that the command belongs to, which may belong to a longer conversation.
    pub correlation_id: String,
    /// What led to it, command by command.
    pub chain: Vec<Link>,
}

/// A command that led to something.
#[derive(Clone, Debug)]
pub struct Link {
    /// The command.
    pub command: Uuid,
    /// Its events in order, the first of them if there are many.
    pub events: Docs,
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
        Ok(Explained::By(Box::new(Explanation {
            value: fold.members.get(field).cloned().unwrap_or_default(),
            event: entry::text(event, Some(changed))?,
            correlation_id: event.metadata.correlation_id.clone(),
            chain: self.chain(reader, event.position).await?,
        })))
    }

    /// The command that wrote the event at a position, the one that caused that, and so on.
    async fn chain(&self, reader: &ReadAs, position: i64) -> Result<Vec<Link>, Error> {
        let (mut chain, mut next) = (Vec::new(), Some(position));
        while let Some(position) = next.filter(|_| chain.len() < LONGEST) {
            let siblings = self.command(reader, position, MOST).await?;
            let Some(first) = siblings.first() else { break };
            let mut events = Docs::default();
            for sibling in &siblings {
                events.push(&entry::text(sibling, None)?, siblings.len());
            }
            // What caused it has happened before.
            next = first.metadata.causation_position.filter(|cause| *cause < first.position);
            chain.push(Link { command: first.command, events });
        }
        Ok(chain)
    }
}
