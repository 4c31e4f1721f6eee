//! How far tasks reached after any position: the greatest number, and the latest times. What came later is left out of a
//! walk that begins with the latest, as most of it is not true of an early moment. Kept for each block of positions, like
//! the counts ([`super::blocks`]).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use docket_domain::task::Task;
use docket_domain::{Recorded, Snapshot};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::blocks::{SMALL, before};
use crate::rows::{Rows, Table, Value, Verb};

static PEAKS: Table = Table {
    name: "past_task_peaks",
    columns: &[
        ("workspace", Type::UUID),
        ("bits", Type::INT2),
        ("block", Type::INT8),
        ("number", Type::INT8),
        ("created_at", Type::TIMESTAMPTZ),
        ("updated_at", Type::TIMESTAMPTZ),
    ],
    key: 3,
    aside: false,
};

/// There are few rows, so there may be blocks between the small and the large ones: the fewer are looked at.
const SIZES: [i16; 3] = [SMALL, 10, 14];

/// What is known of: orders that go with time.
const OF: [&str; 3] = ["number", "created_at", "updated_at"];

type Peak = (i64, DateTime<Utc>, DateTime<Utc>);

/// The peaks of a batch, by workspace and block.
#[derive(Default)]
pub(super) struct Peaks(HashMap<(Uuid, i16, i64), Peak>);

impl Peaks {
    /// An event has made a task what it is.
    pub(super) fn note(&mut self, event: &Recorded, task: &Snapshot<Task>) {
        let Snapshot { number, created_at, updated_at, .. } = *task;
        for bits in SIZES {
            let peak = self.0.entry((event.workspace.0, bits, event.position >> bits));
            let peak = peak.or_insert((number, created_at, updated_at));
            *peak = (peak.0.max(number), peak.1.max(created_at), peak.2.max(updated_at));
        }
    }

    /// The peaks as rows; forgets them.
    pub(super) fn take(&mut self) -> Rows {
        let mut rows = Rows::new(&PEAKS, Verb::Raise);
        let mut peaks: Vec<_> = std::mem::take(&mut self.0).into_iter().collect();
        peaks.sort_unstable();
        for ((workspace, bits, block), (number, created, updated)) in peaks {
            let key = [Value::Uuid(workspace), Value::Small(bits), Value::Big(block)];
            rows.push(key.into_iter().chain([Value::Big(number), Value::Time(created), Value::Time(updated)]));
        }
        rows
    }
}

/// What no task went beyond by the end of the small block that the position `at` is in, as an expression; none, if that
/// is not known of this column.
pub(super) fn peak(column: &str, at: &str) -> Option<String> {
    let column = OF.iter().find(|known| **known == column)?;
    let mut blocks: Vec<_> =
        before(&SIZES, at).map(|(bits, first, end)| format!("({bits}::int2, {first}, {end})")).collect();
    blocks.push(format!("({SMALL}::int2, ({at} >> {SMALL}), ({at} >> {SMALL}) + 1)"));
    Some(format!(
        "(select max(p.{column}) from (values {}) b(bits, first, after) join past_task_peaks p \
         on p.workspace = $1::uuid and p.bits = b.bits and p.block >= b.first and p.block < b.after)",
        blocks.join(", ")
    ))
}
