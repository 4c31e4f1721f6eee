//! Events → rows of `timelogs` and their counts.

use docket_domain::snapshot::Unreadable;
use docket_domain::timelog::Timelog;
use docket_domain::{Recorded, Snapshot};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::counts::Counts;
use crate::fold::{Folded, Then};
use crate::model::ReadModel;
use crate::rows::{Rows, Table, Value, Verb};

static TIMELOGS: Table = Table {
    name: "timelogs",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("member_id", Type::UUID),
        ("task_id", Type::UUID),
        ("project_id", Type::UUID),
        ("date", Type::DATE),
        ("started_at", Type::TIMESTAMPTZ),
        ("updated_at", Type::TIMESTAMPTZ),
        ("seconds", Type::INT8),
        ("running", Type::BOOL),
        ("voided", Type::BOOL),
        ("doc", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

const LOAD: &str = "select t.workspace, t.id, t.doc from unnest($1::uuid[], $2::uuid[]) as w(workspace, id) \
                    join timelogs t on t.workspace = w.workspace and t.id = w.id";

/// The model.
#[derive(Default)]
pub(crate) struct Timelogs {
    folded: Folded<Timelog>,
    counts: Counts,
}

impl ReadModel for Timelogs {
    fn name(&self) -> &'static str {
        super::NAME
    }

    fn wants(&self, event: &Recorded) -> bool {
        event.kind == "timelog"
    }

    fn load_sql(&self) -> Option<&'static str> {
        Some(LOAD)
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
        let mut rows = [Verb::Insert, Verb::Put].map(|verb| Rows::new(&TIMELOGS, verb));
        self.folded.emit(most, then, |entry| {
            rows[usize::from(entry.before.is_some())].push(row(entry.workspace, &entry.now));
            self.counts.change(entry);
        });
        rows.into()
    }

    fn stored_but(&mut self, kept: u64) {
        self.folded.stored_but(kept);
    }

    fn tallies(&mut self) -> Vec<Rows> {
        vec![self.counts.take()]
    }
}

fn row(workspace: Uuid, log: &Snapshot<Timelog>) -> [Value; 14] {
    let state = &log.state;
    [
        Value::Uuid(workspace),
        Value::Uuid(log.id),
        Value::Big(log.number),
        Value::Big(log.version),
        Value::Uuid(state.member_id.0),
        Value::Uuid(state.task_id.map_or(Uuid::nil(), |id| id.0)),
        Value::Uuid(state.project_id.0),
        Value::Date(state.date),
        Value::Time(state.started_at),
        Value::Time(log.updated_at),
        Value::Big(state.duration_seconds.unwrap_or(0)),
        Value::Bool(state.is_running()),
        Value::Bool(state.voided),
        Value::Text(log.to_json()),
    ]
}
