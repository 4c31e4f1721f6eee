//! Events → rows of `members`.

use docket_domain::member::Member;
use tokio_postgres::types::Type;

use super::forget::Forgotten;
use crate::documents::{Documents, Facets, Shape};
use crate::fold::Version;
use crate::rows::{Table, Value};
use crate::words::Words;

const NOW: Table = Table {
    name: "members",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("since", Type::INT8),
        ("until", Type::INT8),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("name", Type::TEXT),
        ("words", Type::TS_VECTOR),
        ("doc", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

static TABLE: Table = NOW;
static PAST: Table = NOW.past("past_members");

static COUNTS: Table = Table {
    name: "member_counts",
    columns: &[("workspace", Type::UUID), ("facet", Type::INT2), ("n", Type::INT8)],
    key: 2,
    aside: false,
};

static SHAPE: Shape<Member> = Shape {
    name: super::NAME,
    table: &TABLE,
    past: &PAST,
    load_sql: "select d.workspace, d.id, d.since, d.doc from unnest($1::uuid[], $2::uuid[]) as w(workspace, id) \
               join members d on d.workspace = w.workspace and d.id = w.id",
    row,
};

/// The model, knowing nothing yet.
pub(crate) fn model() -> Documents<Member> {
    Documents::new(&SHAPE).counting(Facets::new(&COUNTS, |_| Some(0))).counting(Forgotten::default())
}

fn row(version: &Version<Member>) -> Vec<Value> {
    let member = version.is;
    let rest = [
        Value::Big(member.number),
        Value::Big(member.version),
        Value::Text(member.state.name.to_lowercase()),
        Value::Words(Words::of(&[&member.state.name, member.state.email.as_deref().unwrap_or_default()])),
        Value::Text(member.to_json()),
    ];
    version.key().into_iter().chain(rest).collect()
}
