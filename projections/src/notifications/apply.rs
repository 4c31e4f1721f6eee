//! Events → rows of `notifications` and their counts.

use std::collections::HashMap;

use docket_domain::notification::Notification;
use docket_domain::snapshot::Unreadable;
use docket_domain::{Recorded, Snapshot};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::fold::{Folded, Then};
use crate::model::ReadModel;
use crate::rows::{Rows, Table, Value, Verb};

static NOTIFICATIONS: Table = Table {
    name: "notifications",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("member_id", Type::UUID),
        ("unread", Type::BOOL),
        ("deleted", Type::BOOL),
        ("doc", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

static COUNTS: Table = Table {
    name: "notification_counts",
    columns: &[("workspace", Type::UUID), ("member_id", Type::UUID), ("n", Type::INT8), ("unread", Type::INT8)],
    key: 2,
    aside: false,
};

const LOAD: &str = "select d.workspace, d.id, d.doc from unnest($1::uuid[], $2::uuid[]) as w(workspace, id) \
                    join notifications d on d.workspace = w.workspace and d.id = w.id";

/// The model.
#[derive(Default)]
pub(crate) struct Notifications {
    folded: Folded<Notification>,
    /// How many, and how many unread, by workspace and member.
    counts: HashMap<(Uuid, Uuid), [i64; 2]>,
}

impl ReadModel for Notifications {
    fn name(&self) -> &'static str {
        super::NAME
    }

    fn wants(&self, event: &Recorded) -> bool {
        event.kind == "notification"
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
        let mut rows = [Verb::Insert, Verb::Put].map(|verb| Rows::new(&NOTIFICATIONS, verb));
        self.folded.emit(most, then, |entry| {
            rows[usize::from(entry.before.is_some())].push(row(entry.workspace, &entry.now));
            for (one, by) in [(entry.before.as_ref(), -1), (Some(&entry.now), 1)] {
                if let Some(one) = one.map(|one| &one.state).filter(|one| !one.deleted) {
                    let [n, unread] = self.counts.entry((entry.workspace, one.member_id.0)).or_default();
                    *n += by;
                    *unread += by * i64::from(one.read_at.is_none());
                }
            }
        });
        rows.into()
    }

    fn stored_but(&mut self, kept: u64) {
        self.folded.stored_but(kept);
    }

    fn tallies(&mut self) -> Vec<Rows> {
        let mut rows = Rows::new(&COUNTS, Verb::Add);
        let mut changes: Vec<_> = std::mem::take(&mut self.counts).into_iter().filter(|(_, n)| *n != [0, 0]).collect();
        changes.sort_unstable();
        for ((workspace, member), [n, unread]) in changes {
            rows.push([Value::Uuid(workspace), Value::Uuid(member), Value::Big(n), Value::Big(unread)]);
        }
        vec![rows]
    }
}

fn row(workspace: Uuid, one: &Snapshot<Notification>) -> [Value; 8] {
    [
        Value::Uuid(workspace),
        Value::Uuid(one.id),
        Value::Big(one.number),
        Value::Big(one.version),
        Value::Uuid(one.state.member_id.0),
        Value::Bool(one.state.read_at.is_none()),
        Value::Bool(one.state.deleted),
        Value::Text(one.to_json()),
    ]
}
