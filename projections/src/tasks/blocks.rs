//! How many tasks there were after any position. The history is cut into blocks of positions, small ones and, each of
//! many of those, large ones: what changed in each is kept like the counts of now, by adding. Up to a position, that is
//! all large blocks before its own, the small ones within that before its own, and those versions of tasks that began or
//! ended since.

use std::collections::HashMap;

use docket_domain::Recorded;
use docket_domain::task::{Status, Task};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::apply::status_code;
use super::counts::{Board, Facet, each};
use super::pages::NIL;
use crate::rows::{Rows, Table, Value, Verb};

static BLOCKS: Table = Table {
    name: "past_task_counts",
    columns: &[
        ("workspace", Type::UUID),
        ("facet", Type::INT2),
        ("facet_id", Type::UUID),
        ("project_id", Type::UUID),
        ("bits", Type::INT2),
        ("block", Type::INT8),
        ("backlog", Type::INT8),
        ("todo", Type::INT8),
        ("in_progress", Type::INT8),
        ("in_review", Type::INT8),
        ("done", Type::INT8),
        ("cancelled", Type::INT8),
        ("duplicate", Type::INT8),
    ],
    key: 6,
    aside: false,
};

/// A small block has 2 to the power of this positions.
pub(super) const SMALL: i16 = 6;

/// Of counts, there are small blocks and large ones: nearly every small one has rows of its own.
const SIZES: [i16; 2] = [SMALL, 14];

/// Changes, by workspace, facet, project (nil: all together) and block.
#[derive(Default)]
pub(super) struct Blocks(HashMap<(Uuid, Facet, Uuid, i16, i64), Board>);

impl Blocks {
    /// An event makes so many more of a task like this.
    pub(super) fn count(&mut self, event: &Recorded, task: Option<&Task>, by: i64) {
        let Some(task) = task else { return };
        each(task, |facet, project, status, n| {
            for bits in SIZES {
                let key = (event.workspace.0, facet, project, bits, event.position >> bits);
                self.0.entry(key).or_default()[status] += by * n;
            }
        });
    }

    /// The changes as rows; forgets them.
    pub(super) fn take(&mut self) -> Rows {
        let mut rows = Rows::new(&BLOCKS, Verb::Add);
        let changed = |board: &Board| board.iter().any(|n| *n != 0);
        let mut boards: Vec<_> = std::mem::take(&mut self.0).into_iter().filter(|(_, board)| changed(board)).collect();
        boards.sort_unstable_by_key(|((workspace, facet, project, bits, block), _)| {
            (*workspace, facet.stored(), *project, *bits, *block)
        });
        for ((workspace, facet, project, bits, block), board) in boards {
            let (facet, id) = facet.stored();
            let key = [Value::Uuid(workspace), Value::Small(facet), Value::Uuid(id), Value::Uuid(project)];
            let block = [Value::Small(bits), Value::Big(block)];
            rows.push(key.into_iter().chain(block).chain(board.map(Value::Big)));
        }
        rows
    }
}

/// All positions before the block of the smallest of these sizes that the position `at` is in, cut into as large blocks as
/// there are. Of each size: its bits, and the first of these blocks and the first one after them, as expressions.
pub(super) fn before<'a>(sizes: &'a [i16], at: &'a str) -> impl Iterator<Item = (i16, String, String)> + 'a {
    let larger = sizes.iter().skip(1).map(Some).chain([None]);
    sizes.iter().zip(larger).map(move |(bits, larger)| {
        // Within the larger one, which is not over.
        let within = |larger: &i16| format!("(({at} >> {larger}) << {})", larger - bits);
        (*bits, larger.map_or_else(|| "0::int8".to_owned(), within), format!("({at} >> {bits})"))
    })
}

/// The versions of tasks that began or ended in the small block that the position `at` is in, up to it: select them, with a
/// sign. Whatever is counted, they are looked up once.
pub(crate) fn changed_at(at: &str) -> String {
    let columns = "v.project_id, v.status, v.sprint_id, v.estimate_points, v.assignee_ids, v.label_ids";
    let begin = format!("(({at} >> {SMALL}) << {SMALL})");
    let arm = |sign: i64, table: &str, when: &str| {
        format!(
            "select {columns}, {sign}::int8 as sign from {table} v where v.workspace = $1::uuid and not v.deleted \
             and v.{when} >= {begin} and v.{when} <= {at}"
        )
    };
    [arm(1, "tasks", "since"), arm(1, "past_tasks", "since"), arm(-1, "past_tasks", "until")].join(" union all ")
}

/// The counts as they were after the position `at`, a parameter: select what `task_counts` had then. The versions are in
/// `changed_tasks`.
pub(crate) fn counted_at(at: &str) -> String {
    let names: Vec<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
    let sums: Vec<_> = names.iter().map(|name| format!("sum(c.{name})::int8 as {name}")).collect();
    let (key, names) = ("workspace, facet, facet_id, project_id", names.join(", "));
    let blocks = before(&SIZES, at).map(|(bits, first, end)| {
        format!(
            "select {key}, {names} from past_task_counts \
             where bits = {bits}::int2 and block >= {first} and block < {end}"
        )
    });
    let all: Vec<_> = blocks.chain(changes()).collect();
    format!("select {key}, {} from ({}) c group by {key}", sums.join(", "), all.join(" union all "))
}

/// What the changed versions count for, see [`each`]: for each facet, in their project and in all together. Whoever asks
/// for one of them makes the planner forget the others.
fn changes() -> Vec<String> {
    let versions = "changed_tasks v";
    let in_sprint = format!("{versions} where v.sprint_id is not null");
    let related = |ids: &str| format!("{versions} cross join lateral unnest(v.{ids}) r(id)");
    let nobody = Uuid::nil();
    let facets = [
        (Facet::All, NIL, "1", versions.to_owned()),
        (Facet::Assignee(nobody), "r.id", "1", related("assignee_ids")),
        (Facet::Label(nobody), "r.id", "1", related("label_ids")),
        (Facet::Sprint(nobody), "v.sprint_id", "1", in_sprint.clone()),
        (Facet::SprintPoints(nobody), "v.sprint_id", "coalesce(v.estimate_points, 0)", in_sprint),
    ];
    let counted = |status: &Status, n: &str| {
        format!("case when v.status = {}::int2 then v.sign * {n} else 0 end", status_code(*status))
    };
    let select = |(facet, id, n, from): &(Facet, &str, &str, String), project: &str| {
        let counts: Vec<_> = Status::ALL.iter().map(|status| counted(status, n)).collect();
        let facet = facet.stored().0;
        format!("select $1::uuid, {facet}::int2, {id}, {project}, {} from {from}", counts.join(", "))
    };
    facets.iter().flat_map(|facet| ["v.project_id", NIL].map(|project| select(facet, project))).collect()
}
