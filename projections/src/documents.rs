//! A read model that is one table of documents, and what is counted of them: projects, sprints, members, keys, timelogs,
//! notifications, and each kind of the catalogue.

use std::collections::HashMap;

use docket_domain::snapshot::Unreadable;
use docket_domain::{Aggregate, Recorded};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::fold::{Entry, Folded, Row, Then};
use crate::model::ReadModel;
use crate::rows::{Rows, Table, Value, Verb};

/// What distinguishes one such model from another.
pub(crate) struct Shape<A> {
    /// The model's name.
    pub(crate) name: &'static str,
    /// The table of its documents.
    pub(crate) table: &'static Table,
    /// The table of what they were.
    pub(crate) past: &'static Table,
    /// Selects documents, see [`ReadModel::load_sql`].
    pub(crate) load_sql: &'static str,
    /// An aggregate's row.
    pub(crate) row: Row<A>,
}

/// What is counted of aggregates, kept by adding what changes.
pub(crate) trait Tally<A>: Send + Sync {
    /// Counts an aggregate as it is now, and no longer as it was.
    fn change(&mut self, entry: &Entry<A>);

    /// The changes as rows; forgets them.
    fn take(&mut self) -> Rows;
}

/// How many there are of each facet.
pub(crate) struct Facets<A> {
    table: &'static Table,
    of: fn(&A) -> Option<i16>,
    counts: HashMap<(Uuid, i16), i64>,
}

impl<A> Facets<A> {
    /// Counts each aggregate that can be seen under the facet that `of` says, in `table`.
    pub(crate) fn new(table: &'static Table, of: fn(&A) -> Option<i16>) -> Self {
        Self { table, of, counts: HashMap::new() }
    }
}

impl<A> Tally<A> for Facets<A> {
    fn change(&mut self, entry: &Entry<A>) {
        for (state, by) in entry.change() {
            if let Some(facet) = (self.of)(state) {
                *self.counts.entry((entry.workspace, facet)).or_default() += by;
            }
        }
    }

    fn take(&mut self) -> Rows {
        let mut rows = Rows::new(self.table, Verb::Add);
        for ((workspace, facet), n) in std::mem::take(&mut self.counts).into_iter().filter(|(_, n)| *n != 0) {
            rows.push([Value::Uuid(workspace), Value::Small(facet), Value::Big(n)]);
        }
        rows
    }
}

/// Such a model. Where lists are so short that they count for themselves, it has no tally.
pub(crate) struct Documents<A: 'static> {
    shape: &'static Shape<A>,
    folded: Folded<A>,
    past: Rows,
    tallies: Vec<Box<dyn Tally<A>>>,
}

impl<A> Documents<A> {
    /// The model of this shape, knowing nothing yet.
    pub(crate) fn new(shape: &'static Shape<A>) -> Self {
        Self { shape, folded: Folded::default(), past: Rows::new(shape.past, Verb::Insert), tallies: Vec::new() }
    }

    /// The same, counting.
    #[must_use]
    pub(crate) fn counting(mut self, tally: impl Tally<A> + 'static) -> Self {
        self.tallies.push(Box::new(tally));
        self
    }
}

impl<A: Aggregate + DeserializeOwned> ReadModel for Documents<A> {
    fn name(&self) -> &'static str {
        self.shape.name
    }

    fn wants(&self, event: &Recorded) -> bool {
        event.kind == A::TYPE
    }

    fn load_sql(&self) -> Option<&'static str> {
        Some(self.shape.load_sql)
    }

    fn lacks(&self, id: Uuid) -> bool {
        self.folded.lacks(id)
    }

    fn loaded(&mut self, workspace: Uuid, id: Uuid, since: i64, doc: &str) -> Result<(), Unreadable> {
        self.folded.loaded(workspace, id, since, doc)
    }

    fn apply(&mut self, event: &Recorded) -> Result<(), Unreadable> {
        self.past.extend(self.folded.apply(event, self.shape.row)?);
        Ok(())
    }

    fn settled(&mut self) -> Vec<Rows> {
        vec![self.past.take()]
    }

    fn documents(&mut self, most: usize, then: Then) -> Vec<Rows> {
        let Self { shape, folded, tallies, .. } = self;
        let mut rows = [Verb::Insert, Verb::Put].map(|verb| Rows::new(shape.table, verb));
        folded.emit(most, then, |entry| {
            rows[usize::from(entry.before.is_some())].push((shape.row)(&entry.version()));
            for tally in tallies.iter_mut() {
                tally.change(entry);
            }
        });
        rows.into()
    }

    fn stored_but(&mut self, kept: u64) {
        self.folded.stored_but(kept);
    }

    fn tallies(&mut self) -> Vec<Rows> {
        self.tallies.iter_mut().map(|tally| tally.take()).collect()
    }
}
