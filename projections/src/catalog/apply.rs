//! Events → rows of `entries`: one table for all kinds, for they are few and alike.

use docket_domain::catalog::{Entry, Kind};
use docket_domain::customer::Customer;
use docket_domain::label::Label;
use docket_domain::position::Position;
use docket_domain::snapshot::Unreadable;
use docket_domain::space::Space;
use docket_domain::team::Team;
use docket_domain::webhook::Webhook;
use docket_domain::workspace::Workspace;
use docket_domain::{Aggregate, Recorded};
use serde::de::DeserializeOwned;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::documents::{Documents, Facets, Shape};
use crate::fold::{Then, Version};
use crate::model::ReadModel;
use crate::rows::{Rows, Table, Value};
use crate::words::Words;

const NOW: Table = Table {
    name: "entries",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("since", Type::INT8),
        ("until", Type::INT8),
        ("kind", Type::INT2),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("deleted", Type::BOOL),
        ("words", Type::TS_VECTOR),
        ("name", Type::TEXT),
        ("refers_to", Type::TEXT),
        ("doc", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

static ENTRIES: Table = NOW;
static PAST: Table = NOW.past("past_entries");

static COUNTS: Table = Table {
    name: "entry_counts",
    columns: &[("workspace", Type::UUID), ("facet", Type::INT2), ("n", Type::INT8)],
    key: 2,
    aside: false,
};

/// What a row says of an aggregate besides its document.
trait Shown: Aggregate {
    fn name(&self) -> &str;
    fn also_known_as(&self) -> Option<&str> {
        None
    }
    /// The ids it refers to.
    fn refers_to(&self) -> Vec<Uuid> {
        Vec::new()
    }
}

impl<F: Kind> Shown for Entry<F> {
    fn name(&self) -> &str {
        self.fields.name()
    }

    fn also_known_as(&self) -> Option<&str> {
        self.fields.also_known_as()
    }

    fn refers_to(&self) -> Vec<Uuid> {
        self.fields.refers_to()
    }
}

impl Shown for Workspace {
    fn name(&self) -> &str {
        &self.name
    }
}

struct Of<A>(std::marker::PhantomData<A>);

impl<A: Shown> Of<A> {
    const SHAPE: &'static Shape<A> =
        &Shape { name: super::NAME, table: &ENTRIES, past: &PAST, load_sql: LOAD, row: row::<A> };
}

/// Documents, each after its kind.
const LOAD: &str = "select d.workspace, d.id, d.since, d.kind || ' ' || d.doc \
                    from unnest($1::uuid[], $2::uuid[]) as w(workspace, id) \
                    join entries d on d.workspace = w.workspace and d.id = w.id";

fn row<A: Shown>(version: &Version<A>) -> Vec<Value> {
    let entry = version.is;
    let (name, also) = (entry.state.name(), entry.state.also_known_as().unwrap_or_default());
    let refers_to: Vec<_> = entry.state.refers_to().iter().map(Uuid::to_string).collect();
    let rest = [
        Value::Small(super::kind(A::TYPE).unwrap_or_default()),
        Value::Big(entry.number),
        Value::Big(entry.version),
        Value::Bool(!entry.state.alive()),
        Value::Words(Words::of(&[name, also])),
        Value::Text(name.to_lowercase()),
        Value::Text(refers_to.join(" ")),
        Value::Text(entry.to_json()),
    ];
    version.key().into_iter().chain(rest).collect()
}

/// The model: one part for each kind, all writing the same tables.
pub(crate) struct Catalog {
    /// In the order of [`super::KINDS`].
    parts: [Box<dyn ReadModel>; super::KINDS.len()],
}

fn part<A: Shown + DeserializeOwned>() -> Box<dyn ReadModel> {
    let facets = Facets::new(&COUNTS, |entry: &A| super::kind(A::TYPE).filter(|_| entry.alive()));
    Box::new(Documents::new(Of::<A>::SHAPE).counting(facets))
}

impl Default for Catalog {
    fn default() -> Self {
        let parts: [Box<dyn ReadModel>; super::KINDS.len()] = [
            part::<Workspace>(),
            part::<Team>(),
            part::<Position>(),
            part::<Space>(),
            part::<Customer>(),
            part::<Label>(),
            part::<Webhook>(),
        ];
        Self { parts }
    }
}

impl ReadModel for Catalog {
    fn name(&self) -> &'static str {
        super::NAME
    }

    fn wants(&self, event: &Recorded) -> bool {
        super::KINDS.contains(&event.kind.as_str())
    }

    fn load_sql(&self) -> Option<&'static str> {
        Some(LOAD)
    }

    fn lacks(&self, id: Uuid) -> bool {
        self.parts.iter().all(|part| part.lacks(id))
    }

    fn loaded(&mut self, workspace: Uuid, id: Uuid, since: i64, doc: &str) -> Result<(), Unreadable> {
        let (kind, doc) = doc.split_once(' ').unwrap_or_default();
        let part = kind.parse::<usize>().ok().and_then(|kind| self.parts.get_mut(kind));
        part.map_or(Ok(()), |part| part.loaded(workspace, id, since, doc))
    }

    fn apply(&mut self, event: &Recorded) -> Result<(), Unreadable> {
        self.parts.iter_mut().filter(|part| part.wants(event)).try_for_each(|part| part.apply(event))
    }

    fn settled(&mut self) -> Vec<Rows> {
        self.parts.iter_mut().flat_map(|part| part.settled()).collect()
    }

    fn documents(&mut self, most: usize, then: Then) -> Vec<Rows> {
        self.parts.iter_mut().flat_map(|part| part.documents(most, then)).collect()
    }

    fn tallies(&mut self) -> Vec<Rows> {
        self.parts.iter_mut().flat_map(|part| part.tallies()).collect()
    }

    fn stored_but(&mut self, kept: u64) {
        self.parts.iter_mut().for_each(|part| part.stored_but(kept));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind<A: Aggregate>() -> &'static str {
        A::TYPE
    }

    #[test]
    fn each_part_is_where_its_kind_says() {
        let kinds = [
            kind::<Workspace>(),
            kind::<Team>(),
            kind::<Position>(),
            kind::<Space>(),
            kind::<Customer>(),
            kind::<Label>(),
            kind::<Webhook>(),
        ];
        assert_eq!(kinds, super::super::KINDS);
    }
}
