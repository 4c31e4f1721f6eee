//! Events → rows of `labels`.

use docket_domain::Snapshot;
use docket_domain::label::Label;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::documents::{Documents, Shape};
use crate::rows::{Table, Value};

static DOCUMENTS: Table = Table {
    name: "labels",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("doc", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

static COUNTS: Table = Table {
    name: "label_counts",
    columns: &[("workspace", Type::UUID), ("facet", Type::INT2), ("n", Type::INT8)],
    key: 2,
    aside: false,
};

static SHAPE: Shape<Label> = Shape {
    name: super::NAME,
    tables: [&DOCUMENTS, &COUNTS],
    load_sql: "select d.workspace, d.id, d.doc from unnest($1::uuid[], $2::uuid[]) as w(workspace, id) \
               join labels d on d.workspace = w.workspace and d.id = w.id",
    row,
    facet: |_| Some(0),
};

/// The model, knowing nothing yet.
pub(crate) fn model() -> Documents<Label> {
    Documents::new(&SHAPE)
}

fn row(workspace: Uuid, label: &Snapshot<Label>) -> Vec<Value> {
    vec![
        Value::Uuid(workspace),
        Value::Uuid(label.id),
        Value::Big(label.number),
        Value::Big(label.version),
        Value::Text(label.to_json()),
    ]
}
