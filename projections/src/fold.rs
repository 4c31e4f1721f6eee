//! Aggregates in memory, before and after the events of a batch.

use std::collections::HashMap;

use docket_domain::snapshot::Unreadable;
use docket_domain::{Aggregate, Recorded, Snapshot};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::rows::Value;

/// So many aggregates are remembered after their batch: what changed just now often changes again.
const REMEMBERED: usize = 4_096;

/// The end of what still is.
pub(crate) const STILL: i64 = i64::MAX;

/// An aggregate as it is, or was, between two of its events.
pub(crate) struct Version<'a, A> {
    /// Its tenant.
    pub(crate) workspace: Uuid,
    /// What there is.
    pub(crate) is: &'a Snapshot<A>,
    /// The position of the event that made it so.
    pub(crate) since: i64,
    /// The position of the event after which it was not so any more; [`STILL`], if there is none.
    pub(crate) until: i64,
}

impl<A> Version<'_, A> {
    /// What every row of a version begins with: workspace, id, since, until.
    pub(crate) fn key(&self) -> [Value; 4] {
        [Value::Uuid(self.workspace), Value::Uuid(self.is.id), Value::Big(self.since), Value::Big(self.until)]
    }
}

/// One aggregate.
pub(crate) struct Entry<A> {
    /// Its tenant.
    pub(crate) workspace: Uuid,
    /// What was there before this batch; none for a new one.
    pub(crate) before: Option<Snapshot<A>>,
    /// What is there now.
    pub(crate) now: Snapshot<A>,
    /// Since which position.
    since: i64,
    changed: bool,
    /// The last batch that changed it.
    batch: u64,
}

impl<A> Entry<A> {
    /// What is there now.
    pub(crate) fn version(&self) -> Version<'_, A> {
        Version { workspace: self.workspace, is: &self.now, since: self.since, until: STILL }
    }

    /// What a count of such aggregates loses and gains by the batch: the state before, as -1, and the one now, as 1.
    pub(crate) fn change(&self) -> impl Iterator<Item = (&A, i64)> {
        let before = self.before.iter().map(|before| (&before.state, -1));
        before.chain(std::iter::once((&self.now.state, 1)))
    }
}

/// The row that a version makes.
pub(crate) type Row<A> = fn(&Version<A>) -> Vec<Value>;

/// What to do with an aggregate when its rows are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Later batches will need it.
    Remember,
    /// Nobody will.
    Forget,
}

/// The aggregates of one kind that a batch touches, in the order in which they were first seen: rows in that order lie
/// together that are read together, and indexes grow at their ends.
pub(crate) struct Folded<A> {
    entries: Vec<Entry<A>>,
    places: HashMap<Uuid, usize>,
    changed: Vec<usize>,
    leaving: std::vec::IntoIter<Entry<A>>,
    batch: u64,
}

impl<A> Default for Folded<A> {
    fn default() -> Self {
        let (entries, places, changed, leaving) = (Vec::new(), HashMap::new(), Vec::new(), Vec::new().into_iter());
        Self { entries, places, changed, leaving, batch: 1 }
    }
}

impl<A: Aggregate + DeserializeOwned> Folded<A> {
    /// Whether this aggregate is not in memory.
    pub(crate) fn lacks(&self, id: Uuid) -> bool {
        !self.places.contains_key(&id)
    }

    /// What there is of an aggregate, if it is in memory.
    pub(crate) fn now(&self, id: Uuid) -> Option<&A> {
        self.snapshot(id).map(|now| &now.state)
    }

    /// The same with what all aggregates have.
    pub(crate) fn snapshot(&self, id: Uuid) -> Option<&Snapshot<A>> {
        self.places.get(&id).map(|place| &self.entries[*place].now)
    }

    /// Takes in a stored document, which is so since a position.
    pub(crate) fn loaded(&mut self, workspace: Uuid, id: Uuid, since: i64, doc: &str) -> Result<(), Unreadable> {
        let stored = serde_json::from_str(doc).map_err(|source| Unreadable::Payload {
            kind: A::TYPE.to_owned(),
            stream: id,
            version: 0,
            event_type: "stored document".to_owned(),
            source,
        })?;
        self.insert(id, workspace, since, stored);
        Ok(())
    }

    /// Takes in an event; one that was taken in before changes nothing. Answers what is made of what there was until now.
    pub(crate) fn apply<T>(
        &mut self,
        event: &Recorded,
        make: impl FnOnce(&Version<A>) -> T,
    ) -> Result<Option<T>, Unreadable> {
        let place = match self.places.get(&event.stream) {
            Some(place) => *place,
            None => self.insert(event.stream, event.workspace.0, event.position, Snapshot::blank(event.stream)),
        };
        let entry = &mut self.entries[place];
        if event.version <= entry.now.version {
            return Ok(None);
        }
        let past = (entry.now.version > 0).then(|| make(&Version { until: event.position, ..entry.version() }));
        let before = (!entry.changed && entry.now.version > 0).then(|| entry.now.clone());
        entry.now.fold(event)?;
        entry.since = event.position;
        if !entry.changed {
            entry.changed = true;
            entry.before = before;
            self.changed.push(place);
        }
        Ok(past)
    }

    fn insert(&mut self, id: Uuid, workspace: Uuid, since: i64, now: Snapshot<A>) -> usize {
        let place = self.entries.len();
        self.entries.push(Entry { workspace, before: None, now, since, changed: false, batch: 0 });
        self.places.insert(id, place);
        place
    }

    /// Makes something of at most so many of the aggregates that have changed. This ends a batch.
    pub(crate) fn emit(&mut self, most: usize, then: Then, mut make: impl FnMut(&Entry<A>)) {
        if then == Then::Forget {
            if self.leaving.len() == 0 {
                self.places.clear();
                self.changed.clear();
                self.leaving = std::mem::take(&mut self.entries).into_iter();
            }
            self.leaving.by_ref().filter(|entry| entry.changed).take(most).for_each(|entry| make(&entry));
            return;
        }
        for place in self.changed.drain(..) {
            let entry = &mut self.entries[place];
            make(entry);
            (entry.changed, entry.before, entry.batch) = (false, None, self.batch);
        }
        self.batch += 1;
    }

    /// What was changed last by this batch, the last but `kept`, or an earlier one, is stored and need not be remembered.
    pub(crate) fn stored_but(&mut self, kept: u64) {
        if self.entries.len() <= REMEMBERED || !self.changed.is_empty() {
            return;
        }
        let oldest = self.batch.saturating_sub(kept);
        self.entries.retain(|entry| entry.batch >= oldest);
        self.places = self.entries.iter().enumerate().map(|(place, entry)| (entry.now.id, place)).collect();
    }
}
