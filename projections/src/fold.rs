//! Aggregates in memory, before and after the events of a batch.

use std::collections::HashMap;

use docket_domain::snapshot::Unreadable;
use docket_domain::{Aggregate, Recorded, Snapshot};
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// One aggregate.
pub(crate) struct Entry<A> {
    /// Its tenant.
    pub(crate) workspace: Uuid,
    /// What is stored; none for a new one.
    pub(crate) before: Option<Snapshot<A>>,
    /// What is to be stored.
    pub(crate) now: Snapshot<A>,
}

/// The aggregates of one kind that a batch touches.
pub(crate) struct Folded<A> {
    entries: HashMap<Uuid, Entry<A>>,
}

impl<A> Default for Folded<A> {
    fn default() -> Self {
        Self { entries: HashMap::new() }
    }
}

impl<A: Aggregate + DeserializeOwned> Folded<A> {
    /// Takes in a stored document.
    pub(crate) fn loaded(&mut self, workspace: Uuid, id: Uuid, doc: &str) -> Result<(), Unreadable> {
        let stored: Snapshot<A> = serde_json::from_str(doc).map_err(|source| Unreadable::Payload {
            kind: A::TYPE.to_owned(),
            stream: id,
            version: 0,
            event_type: "stored document".to_owned(),
            source,
        })?;
        self.entries.insert(id, Entry { workspace, before: Some(stored.clone()), now: stored });
        Ok(())
    }

    /// Takes in an event; one that was taken in before changes nothing.
    pub(crate) fn apply(&mut self, event: &Recorded) -> Result<(), Unreadable> {
        let entry = self.entries.entry(event.stream).or_insert_with(|| Entry {
            workspace: event.workspace.0,
            before: None,
            now: Snapshot::blank(event.stream),
        });
        if event.version <= entry.now.version {
            return Ok(());
        }
        entry.now.fold(event)
    }

    /// At most so many of the aggregates that have changed; forgets what it has looked at.
    pub(crate) fn take(&mut self, most: usize) -> Vec<Entry<A>> {
        let changed = |entry: &Entry<A>| entry.now.version > entry.before.as_ref().map_or(0, |before| before.version);
        let taken = self.entries.extract_if(|_, _| true).map(|(_, entry)| entry);
        taken.filter(changed).take(most).collect()
    }
}
