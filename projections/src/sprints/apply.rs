//! Events → rows of `sprints`.

use docket_domain::sprint::Sprint;
use tokio_postgres::types::Type;

use crate::documents::{Documents, Shape};
use crate::fold::Version;
use crate::rows::{Table, Value};
use crate::words::Words;

const NOW: Table = Table {
    name: "sprints",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("since", Type::INT8),
        ("until", Type::INT8),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("project_id", Type::UUID),
        ("status", Type::INT2),
        ("deleted", Type::BOOL),
        ("name", Type::TEXT),
        ("words", Type::TS_VECTOR),
        ("doc", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

static TABLE: Table = NOW;
static PAST: Table = NOW.past("past_sprints");

static SHAPE: Shape<Sprint> = Shape {
    name: super::NAME,
    table: &TABLE,
    past: &PAST,
    load_sql: "select d.workspace, d.id, d.since, d.doc from unnest($1::uuid[], $2::uuid[]) as w(workspace, id) \
               join sprints d on d.workspace = w.workspace and d.id = w.id",
    row,
};

/// The model, knowing nothing yet.
pub(crate) fn model() -> Documents<Sprint> {
    Documents::new(&SHAPE)
}

fn row(version: &Version<Sprint>) -> Vec<Value> {
    let sprint = version.is;
    let rest = [
        Value::Big(sprint.number),
        Value::Big(sprint.version),
        Value::Uuid(sprint.state.project_id.0),
        Value::Small(sprint.state.status as i16),
        Value::Bool(sprint.state.deleted),
        Value::Text(sprint.state.name.to_lowercase()),
        Value::Words(Words::of(&[&sprint.state.name, sprint.state.goal.as_deref().unwrap_or_default()])),
        Value::Text(sprint.to_json()),
    ];
    version.key().into_iter().chain(rest).collect()
}
