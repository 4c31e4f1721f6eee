//! Events → rows of `keys`.

use docket_domain::Snapshot;
use docket_domain::api_key::ApiKey;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::documents::{Documents, Facets, Shape};
use crate::rows::{Table, Value};

static DOCUMENTS: Table = Table {
    name: "keys",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("kid", Type::TEXT),
        ("doc", Type::TEXT),
        ("shown", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

static COUNTS: Table = Table {
    name: "key_counts",
    columns: &[("workspace", Type::UUID), ("facet", Type::INT2), ("n", Type::INT8)],
    key: 2,
    aside: false,
};

static SHAPE: Shape<ApiKey> = Shape {
    name: super::NAME,
    table: &DOCUMENTS,
    load_sql: "select d.workspace, d.id, d.doc from unnest($1::uuid[], $2::uuid[]) as w(workspace, id) \
               join keys d on d.workspace = w.workspace and d.id = w.id",
    row,
};

/// The model, knowing nothing yet.
pub(crate) fn model() -> Documents<ApiKey> {
    Documents::new(&SHAPE).counting(Facets::new(&COUNTS, |_| Some(0)))
}

fn row(workspace: Uuid, key: &Snapshot<ApiKey>) -> Vec<Value> {
    vec![
        Value::Uuid(workspace),
        Value::Uuid(key.id),
        Value::Big(key.number),
        Value::Big(key.version),
        Value::Text(key.state.kid.clone()),
        Value::Text(key.to_json()),
        Value::Text(shown(key)),
    ]
}

/// A key as clients see it: everything but the hash of its secret.
fn shown(key: &Snapshot<ApiKey>) -> String {
    let mut shown = serde_json::to_value(key).unwrap_or_default();
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("sha256");
    }
    shown.to_string()
}
