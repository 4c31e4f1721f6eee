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
const MOST: usize = 200;
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
    /// Whether the last of these was sent because of another.
    pub has_more: bool,
}

/// A command that led to something.
#[derive(Clone, Debug)]
pub struct Link {
    /// The command.
    pub command: Uuid,
    /// Its events in order, the first of them if there are many.
    pub events: Docs,
    /// Whether there are more of them.
    pub has_more: bool,
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
        let (chain, has_more) = self.chain(reader, event.position).await?;
        Ok(Explained::By(Box::new(Explanation {
            value: fold.members.get(field).cloned().unwrap_or_default(),
            event: entry::text(event, Some(changed))?,
            correlation_id: event.metadata.correlation_id.clone(),
            chain,
            has_more,
        })))
    }

    /// The command that wrote the event at a position, the one that caused that, and so on; and whether it goes on.
    async fn chain(&self, reader: &ReadAs, position: i64) -> Result<(Vec<Link>, bool), Error> {
        let (mut chain, mut next) = (Vec::new(), Some(position));
        while let Some(position) = next.filter(|_| chain.len() < LONGEST) {
            let mut siblings = self.command(reader, position, (0, MOST + 1)).await?;
            let Some(first) = siblings.first() else { return Ok((chain, false)) };
            // What caused it has happened before.
            next = first.metadata.causation_position.filter(|cause| *cause < first.position);
            let command = first.command;
            let has_more = siblings.len() > MOST;
            siblings.truncate(MOST);
            let mut events = Docs::default();
            for sibling in &siblings {
                events.push(&entry::text(sibling, None)?, siblings.len());
            }
            chain.push(Link { command, events, has_more });
        }
        Ok((chain, next.is_some()))
    }
}
