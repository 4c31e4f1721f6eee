//! Events → rows of `timelogs` and their counts.

use docket_domain::timelog::Timelog;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::counts::Counts;
use crate::documents::{Documents, Shape};
use crate::fold::Version;
use crate::rows::{Table, Value};
use crate::words::Words;

const NOW: Table = Table {
    name: "timelogs",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("since", Type::INT8),
        ("until", Type::INT8),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("member_id", Type::UUID),
        ("task_id", Type::UUID),
        ("project_id", Type::UUID),
        ("date", Type::DATE),
        ("started_at", Type::TIMESTAMPTZ),
        ("updated_at", Type::TIMESTAMPTZ),
        ("seconds", Type::INT8),
        ("billable", Type::BOOL),
        ("running", Type::BOOL),
        ("voided", Type::BOOL),
        ("words", Type::TS_VECTOR),
        ("doc", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

static TABLE: Table = NOW;
static PAST: Table = NOW.past("past_timelogs");

static SHAPE: Shape<Timelog> = Shape {
    name: super::NAME,
    table: &TABLE,
    past: &PAST,
    load_sql: "select t.workspace, t.id, t.since, t.doc from unnest($1::uuid[], $2::uuid[]) as w(workspace, id) \
               join timelogs t on t.workspace = w.workspace and t.id = w.id",
    row,
};

/// The model, knowing nothing yet.
pub(crate) fn model() -> Documents<Timelog> {
    Documents::new(&SHAPE).counting(Counts::default())
}

fn row(version: &Version<Timelog>) -> Vec<Value> {
    let log = version.is;
    let state = &log.state;
    let rest = [
        Value::Big(log.number),
        Value::Big(log.version),
        Value::Uuid(state.member_id.0),
        Value::Uuid(state.task_id.map_or(Uuid::nil(), |id| id.0)),
        Value::Uuid(state.project_id.0),
        Value::Date(state.date),
        Value::Time(state.started_at),
        Value::Time(log.updated_at),
        Value::Big(state.duration_seconds.unwrap_or(0)),
        Value::maybe(state.billable, Value::Bool),
        Value::Bool(state.is_running()),
        Value::Bool(state.voided),
        Value::Words(Words::of(&[state.note.as_deref().unwrap_or_default()])),
        Value::Text(log.to_json()),
    ];
    version.key().into_iter().chain(rest).collect()
}
