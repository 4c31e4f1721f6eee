//! Events → rows of `notifications` and their counts.

use std::collections::HashMap;

use docket_domain::notification::Notification;

use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::documents::{Documents, Shape, Tally};
use crate::fold::{Entry, Version};
use crate::rows::{Rows, Table, Value, Verb};
use crate::words::Words;

const NOW: Table = Table {
    name: "notifications",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("since", Type::INT8),
        ("until", Type::INT8),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("member_id", Type::UUID),
        ("unread", Type::BOOL),
        ("deleted", Type::BOOL),
        ("words", Type::TS_VECTOR),
        ("doc", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

static TABLE: Table = NOW;
static PAST: Table = NOW.past("past_notifications");

static COUNTS: Table = Table {
    name: "notification_counts",
    columns: &[("workspace", Type::UUID), ("member_id", Type::UUID), ("n", Type::INT8), ("unread", Type::INT8)],
    key: 2,
    aside: false,
};

static SHAPE: Shape<Notification> = Shape {
    name: super::NAME,
    table: &TABLE,
    past: &PAST,
    load_sql: "select d.workspace, d.id, d.since, d.doc from unnest($1::uuid[], $2::uuid[]) as w(workspace, id) \
               join notifications d on d.workspace = w.workspace and d.id = w.id",
    row,
};

/// The model, knowing nothing yet.
pub(crate) fn model() -> Documents<Notification> {
    Documents::new(&SHAPE).counting(Counts::default())
}

/// How many, and how many unread, by workspace and member.
#[derive(Default)]
struct Counts(HashMap<(Uuid, Uuid), [i64; 2]>);

impl Tally<Notification> for Counts {
    fn change(&mut self, entry: &Entry<Notification>) {
        for (one, by) in entry.change().filter(|(one, _)| one.is_listed()) {
            let [n, unread] = self.0.entry((entry.workspace, one.member_id.0)).or_default();
            *n += by;
            *unread += by * i64::from(one.read_at.is_none());
        }
    }

    fn take(&mut self) -> Rows {
        let mut rows = Rows::new(&COUNTS, Verb::Add);
        let mut changes: Vec<_> = std::mem::take(&mut self.0).into_iter().filter(|(_, n)| *n != [0, 0]).collect();
        changes.sort_unstable();
        for ((workspace, member), [n, unread]) in changes {
            rows.push([Value::Uuid(workspace), Value::Uuid(member), Value::Big(n), Value::Big(unread)]);
        }
        rows
    }
}

fn row(version: &Version<Notification>) -> Vec<Value> {
    let one = version.is;
    let rest = [
        Value::Big(one.number),
        Value::Big(one.version),
        Value::Uuid(one.state.member_id.0),
        Value::Bool(one.state.read_at.is_none()),
        Value::Bool(!one.state.is_listed()),
        Value::Words(Words::of(&[&one.state.title, one.state.body.as_deref().unwrap_or_default()])),
        Value::Text(one.to_json()),
    ];
    version.key().into_iter().chain(rest).collect()
}
