//! A read model that is one table of documents and a count of those that can be seen: projects, members, keys, and each
//! kind of the catalogue.

use std::collections::HashMap;

use docket_domain::snapshot::Unreadable;
use docket_domain::{Aggregate, Recorded, Snapshot};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::fold::{Folded, Then};
use crate::model::ReadModel;
use crate::rows::{Rows, Table, Value, Verb};

/// What distinguishes one such model from another.
pub(crate) struct Shape<A> {
    /// The model's name.
    pub(crate) name: &'static str,
    /// Its tables: documents, counts.
    pub(crate) tables: [&'static Table; 2],
    /// Selects documents, see [`ReadModel::load_sql`].
    pub(crate) load_sql: &'static str,
    /// An aggregate's row.
    pub(crate) row: fn(Uuid, &Snapshot<A>) -> Vec<Value>,
    /// Under which facet it is counted, if it can be seen.
    pub(crate) facet: fn(&A) -> Option<i16>,
}

/// Instead of a table of counts, where lists are so short that they count for themselves.
pub(crate) static UNCOUNTED: Table = Table { name: "", columns: &[], key: 0, aside: false };

/// Such a model.
pub(crate) struct Documents<A: 'static> {
    shape: &'static Shape<A>,
    folded: Folded<A>,
    counts: HashMap<(Uuid, i16), i64>,
}

impl<A> Documents<A> {
    /// The model of this shape, knowing nothing yet.
    pub(crate) fn new(shape: &'static Shape<A>) -> Self {
        Self { shape, folded: Folded::default(), counts: HashMap::new() }
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

    fn loaded(&mut self, workspace: Uuid, id: Uuid, doc: &str) -> Result<(), Unreadable> {
        self.folded.loaded(workspace, id, doc)
    }

    fn apply(&mut self, event: &Recorded) -> Result<(), Unreadable> {
        self.folded.apply(event)
    }

    fn documents(&mut self, most: usize, then: Then) -> Vec<Rows> {
        let shape = self.shape;
        let mut rows = [Verb::Insert, Verb::Put].map(|verb| Rows::new(shape.tables[0], verb));
        self.folded.emit(most, then, |entry| {
            rows[usize::from(entry.before.is_some())].push((shape.row)(entry.workspace, &entry.now));
            for (state, by) in [(entry.before.as_ref().map(|before| &before.state), -1), (Some(&entry.now.state), 1)] {
                if let Some(facet) = state.and_then(shape.facet) {
                    *self.counts.entry((entry.workspace, facet)).or_default() += by;
                }
            }
        });
        rows.into()
    }

    fn stored_but(&mut self, kept: u64) {
        self.folded.stored_but(kept);
    }

    fn tallies(&mut self) -> Vec<Rows> {
        let mut rows = Rows::new(self.shape.tables[1], Verb::Add);
        for ((workspace, facet), n) in std::mem::take(&mut self.counts).into_iter().filter(|(_, n)| *n != 0) {
            rows.push([Value::Uuid(workspace), Value::Small(facet), Value::Big(n)]);
        }
        vec![rows]
    }
}
