//! What kinds of events there are in which block of positions: what is rare is found without looking at every event.

use std::collections::HashMap;

use docket_domain::{Recorded, kinds};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::list::{Asked, Condition};
use crate::rows::{Rows, Table, Value, Verb};

static BLOCKS: Table = Table {
    name: "trail_blocks",
    columns: &[
        ("workspace", Type::UUID),
        ("block", Type::INT8),
        ("event_type", Type::TEXT),
        ("dialect", Type::TEXT),
        ("kind", Type::INT2),
        ("last", Type::INT8),
    ],
    key: 5,
    aside: false,
};

/// A block has 2 to the power of this positions.
pub(super) const BITS: i16 = 10;

/// What is the same for all events of a row of the blocks: names of fields.
const KNOWN: [&str; 3] = ["kind", "type", "dialect"];

/// The place of a kind, as it is stored.
pub(super) fn kind(event: &Recorded) -> Option<i16> {
    kinds::NAMES.iter().position(|kind| *kind == event.kind).map(|place| place as i16)
}

/// The last positions in a batch, by workspace, block, type, dialect and kind.
#[derive(Default)]
pub(super) struct Blocks(HashMap<(Uuid, i64, String, String, i16), i64>);

impl Blocks {
    /// There is an event.
    pub(super) fn note(&mut self, event: &Recorded) {
        let (workspace, block) = (event.workspace.0, event.position >> BITS);
        let (what, dialect) = (event.event_type.clone(), event.metadata.dialect.clone());
        self.0.insert((workspace, block, what, dialect, kind(event).unwrap_or(-1)), event.position);
    }

    /// The blocks as rows; forgets them.
    pub(super) fn take(&mut self) -> Rows {
        let mut rows = Rows::new(&BLOCKS, Verb::Raise);
        let mut blocks: Vec<_> = std::mem::take(&mut self.0).into_iter().collect();
        blocks.sort_unstable();
        for ((workspace, block, what, dialect, kind), last) in blocks {
            let key = [Value::Uuid(workspace), Value::Big(block), Value::Text(what), Value::Text(dialect)];
            rows.push(key.into_iter().chain([Value::Small(kind), Value::Big(last)]));
        }
        rows
    }
}

/// The blocks that may have any of what is asked for, in an order, as `(select …) b`; none, if that can be anywhere.
pub(super) fn having(asked: &Asked, direction: &str) -> Option<String> {
    let known = asked.conditions.iter().filter(|condition| KNOWN.contains(&condition.field.name));
    let known: Vec<_> = known.map(Condition::sql).collect();
    (!known.is_empty()).then(|| {
        format!(
            "(select distinct d.block from trail_blocks d where d.workspace = $1::uuid and {} order by d.block {direction}) b",
            known.join(" and ")
        )
    })
}

/// Whether an event `d` is in the block `b`.
pub(super) fn within() -> String {
    format!("d.position >= (b.block << {BITS}) and d.position < ((b.block + 1) << {BITS})")
}
