//! Events → rows of `keys`.

use docket_domain::Snapshot;
use docket_domain::api_key::ApiKey;
use tokio_postgres::types::Type;

use crate::documents::{Documents, Facets, Shape};
use crate::fold::Version;
use crate::rows::{Table, Value};
use crate::words::Words;

const NOW: Table = Table {
    name: "keys",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("since", Type::INT8),
        ("until", Type::INT8),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("kid", Type::TEXT),
        ("words", Type::TS_VECTOR),
        ("shown", Type::TEXT),
        ("sha256", Type::TEXT),
        ("doc", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

static TABLE: Table = NOW;
/// All but the last two: the past has no hashes of secrets.
static PAST: Table = Table { columns: NOW.columns.split_at(NOW.columns.len() - 2).0, ..NOW.past("past_keys") };

static COUNTS: Table = Table {
    name: "key_counts",
    columns: &[("workspace", Type::UUID), ("facet", Type::INT2), ("n", Type::INT8)],
    key: 2,
    aside: false,
};

static SHAPE: Shape<ApiKey> = Shape {
    name: super::NAME,
    table: &TABLE,
    past: &PAST,
    load_sql: "select d.workspace, d.id, d.since, d.doc from unnest($1::uuid[], $2::uuid[]) as w(workspace, id) \
               join keys d on d.workspace = w.workspace and d.id = w.id",
    row,
};

/// The model, knowing nothing yet.
pub(crate) fn model() -> Documents<ApiKey> {
    Documents::new(&SHAPE).counting(Facets::new(&COUNTS, |_| Some(0)))
}

fn row(version: &Version<ApiKey>) -> Vec<Value> {
    let key = version.is;
    let rest = [
        Value::Big(key.number),
        Value::Big(key.version),
        Value::Text(key.state.kid.clone()),
        Value::Words(Words::of(&[&key.state.label, &key.state.kid])),
        Value::Text(shown(key)),
        Value::Text(key.state.sha256.clone()),
        Value::Text(key.to_json()),
    ];
    version.key().into_iter().chain(rest).collect()
}

/// A key as clients see it: everything but the hash of its secret, and the role only if it is the key's own.
fn shown(key: &Snapshot<ApiKey>) -> String {
    let mut shown = serde_json::to_value(key).unwrap_or_default();
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("sha256");
        fields.insert("role".to_owned(), serde_json::to_value(key.state.held_role()).unwrap_or_default());
    }
    shown.to_string()
}
