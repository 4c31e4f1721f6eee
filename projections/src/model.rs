//! What every read model has in common: events in, rows out. The fold is pure and the same for live projecting (after
//! loading what the events touch) and for a rebuild (nothing is ever loaded), so the two can't differ.

use docket_domain::Recorded;
use docket_domain::snapshot::Unreadable;
use uuid::Uuid;

use crate::fold::Then;
use crate::rows::Rows;
use crate::{catalog, keys, members, notifications, projects, sprints, tasks, timelogs, trail};

/// A read model in memory: the part of it that recent events touch.
pub(crate) trait ReadModel: Send + Sync {
    /// Its name: its schema is `read_<name>`, its checkpoint `<name>_at`.
    fn name(&self) -> &'static str;

    /// Whether it has any use for this event.
    fn wants(&self, event: &Recorded) -> bool;

    /// Selects the documents of aggregates ($1 workspaces, $2 ids) as (workspace, id, since, doc), if it keeps documents.
    fn load_sql(&self) -> Option<&'static str> {
        None
    }

    /// Whether this aggregate's document is not in memory.
    fn lacks(&self, _id: Uuid) -> bool {
        false
    }

    /// Takes in a document that was loaded.
    fn loaded(&mut self, _workspace: Uuid, _id: Uuid, _since: i64, _doc: &str) -> Result<(), Unreadable> {
        Ok(())
    }

    /// Takes in an event. One that was taken in before changes nothing; one that can't be read changes nothing either.
    fn apply(&mut self, event: &Recorded) -> Result<(), Unreadable>;

    /// The rows that no later event will change; forgets them.
    fn settled(&mut self) -> Vec<Rows> {
        Vec::new()
    }

    /// The rows of at most so many of the aggregates that have changed.
    fn documents(&mut self, _most: usize, _then: Then) -> Vec<Rows> {
        Vec::new()
    }

    /// Sums over aggregates, as changes to what is stored; forgets them.
    fn tallies(&mut self) -> Vec<Rows> {
        Vec::new()
    }

    /// All rows of a batch. What they are made of is remembered for later batches.
    fn rows(&mut self) -> Vec<Rows> {
        let all = [self.settled(), self.documents(usize::MAX, Then::Remember), self.tallies()];
        all.into_iter().flatten().filter(|rows| !rows.is_empty()).collect()
    }

    /// All batches but the last so many are stored, and need not be remembered.
    fn stored_but(&mut self, _kept: u64) {}
}

/// The names of all read models.
pub const NAMES: [&str; 9] = [
    tasks::NAME,
    projects::NAME,
    sprints::NAME,
    members::NAME,
    catalog::NAME,
    keys::NAME,
    timelogs::NAME,
    notifications::NAME,
    trail::NAME,
];

/// The read model with this name, knowing nothing yet.
pub(crate) fn blank(name: &str) -> Option<Box<dyn ReadModel>> {
    match name {
        tasks::NAME => Some(Box::new(tasks::Tasks::default())),
        projects::NAME => Some(Box::new(projects::model())),
        sprints::NAME => Some(Box::new(sprints::model())),
        members::NAME => Some(Box::new(members::model())),
        catalog::NAME => Some(Box::new(catalog::Catalog::default())),
        keys::NAME => Some(Box::new(keys::model())),
        timelogs::NAME => Some(Box::new(timelogs::model())),
        notifications::NAME => Some(Box::new(notifications::model())),
        trail::NAME => Some(Box::new(trail::Trail::default())),
        _ => None,
    }
}

/// The schema of a live model.
pub(crate) fn live_schema(model: &str) -> String {
    format!("read_{model}")
}

/// The `search_path` in which unqualified names mean the live tables.
pub(crate) fn live_schemas() -> String {
    NAMES.map(live_schema).join(", ")
}
