//! How many events of which kinds there are in which block of positions: what is rare is found, and what is frequent
//! counted, without looking at every event. The database counts what comes into the trail (`read.count_trail`).

use docket_domain::{Recorded, kinds};

use crate::list::{Asked, Condition};

/// A block has 2 to the power of this positions.
pub(super) const BITS: i16 = 10;

/// What is the same for all events of a row of the blocks: names of fields.
const KNOWN: [&str; 3] = ["kind", "type", "dialect"];

/// The place of a kind, as it is stored.
pub(super) fn kind(event: &Recorded) -> Option<i16> {
    kinds::NAMES.iter().position(|kind| *kind == event.kind).map(|place| place as i16)
}

/// The conditions that the blocks know, over `d`.
fn known(asked: &Asked) -> Vec<String> {
    let known = asked.conditions.iter().filter(|condition| KNOWN.contains(&condition.field.name));
    known.map(Condition::sql).collect()
}

/// The blocks that may have any of what is asked for, in an order, as `(select …) b`; none, if that can be anywhere.
pub(super) fn having(asked: &Asked, direction: &str) -> Option<String> {
    let known = known(asked);
    (!known.is_empty()).then(|| {
        format!(
            "(select distinct d.block from trail_blocks d where d.workspace = $1::uuid and {} order by d.block {direction}) b",
            known.join(" and ")
        )
    })
}

/// How many events that are asked for are in the blocks from one position's until before another's, as an expression;
/// none, if the blocks don't know that.
pub(super) fn sum(asked: &Asked, from: &str, until: &str) -> Option<String> {
    let mut known = known(asked);
    if known.len() < asked.conditions.len() {
        return None;
    }
    known.push(format!("d.block >= {from} >> {BITS} and d.block < {until} >> {BITS}"));
    let known = known.join(" and ");
    Some(format!(
        "coalesce((select sum(d.events) from trail_blocks d where d.workspace = $1::uuid and {known}), 0)::int8"
    ))
}

/// Whether an event `d` is in the block of a position, and not after it.
pub(super) fn up_to(position: &str) -> String {
    format!("d.position >= ({position} >> {BITS} << {BITS}) and d.position <= {position}")
}

/// Whether an event `d` is in the block `b`.
pub(super) fn within() -> String {
    format!("d.position >= (b.block << {BITS}) and d.position < ((b.block + 1) << {BITS})")
}

/// The same, and after a position until another: one condition for each end, so that an index leads to both.
pub(super) fn within_both(after: &str, until: &str) -> String {
    format!(
        "d.position > greatest({after}, (b.block << {BITS}) - 1) and d.position <= least({until}, ((b.block + 1) << {BITS}) - 1)"
    )
}
