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

/// A small block has 2 to the power of this positions,
pub(super) const SMALL: i16 = 6;
/// and a large one to the power of that.
pub(super) const LARGE: i16 = 14;

/// Changes, by workspace, facet, project (nil: all together) and block.
#[derive(Default)]
pub(super) struct Blocks(HashMap<(Uuid, Facet, Uuid, i16, i64), Board>);

impl Blocks {
    /// An event makes so many more of a task like this.
    pub(super) fn count(&mut self, event: &Recorded, task: Option<&Task>, by: i64) {
        let Some(task) = task else { return };
        each(task, |facet, project, status, n| {
            for bits in [SMALL, LARGE] {
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

/// Those large blocks that end before the position `at`, as a condition over rows with bits and block.
pub(super) fn large_before(at: &str) -> String {
    format!("bits = {LARGE}::int2 and block < ({at} >> {LARGE})")
}

/// The small blocks that follow them, up to the one that the position is in. That one ends after it.
pub(super) fn small_before(at: &str, up_to: &str) -> String {
    let within = LARGE - SMALL;
    format!("bits = {SMALL}::int2 and block >= (({at} >> {LARGE}) << {within}) and block {up_to} ({at} >> {SMALL})")
}

/// The versions of tasks that began or ended in the small block that the position `at` is in, up to it: select them, with a
/// sign. Whatever is counted, they are looked up once.
pub(crate) fn changed_at(at: &str) -> String {
    let columns = "v.project_id, v.status, v.sprint_id, v.estimate_points, v.doc";
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
    let ones: Vec<_> = Status::ALL
        .iter()
        .map(|status| format!("case when v.status = {}::int2 then v.sign * f.n else 0 end", status_code(*status)))
        .collect();
    let (key, names) = ("workspace, facet, facet_id, project_id", names.join(", "));
    format!(
        "select {key}, {} from (select {key}, {names} from past_task_counts where {} \
         union all select {key}, {names} from past_task_counts where {} \
         union all select $1::uuid, f.facet, f.facet_id, f.project_id, {} \
         from changed_tasks v cross join lateral ({}) f) c group by {key}",
        sums.join(", "),
        large_before(at),
        small_before(at, "<"),
        ones.join(", "),
        facets()
    )
}

/// What a version `v` of a task counts for, see [`each`].
fn facets() -> String {
    let facet = |facet: Facet| format!("{}::int2", facet.stored().0);
    let [all, assignee, label, sprint, points] = [
        Facet::All,
        Facet::Assignee(Uuid::nil()),
        Facet::Label(Uuid::nil()),
        Facet::Sprint(Uuid::nil()),
        Facet::SprintPoints(Uuid::nil()),
    ]
    .map(facet);
    let within = |facet: &str, member: &str| {
        format!("select {facet}, e.id::uuid, 1::int8 from json_array_elements_text(v.doc::json->'{member}') e(id)")
    };
    let each = [
        format!("select {all} as facet, {NIL} as facet_id, 1::int8 as n"),
        within(&assignee, "assignee_ids"),
        within(&label, "label_ids"),
        format!("select {sprint}, v.sprint_id, 1::int8 where v.sprint_id is not null"),
        format!(
            "select {points}, v.sprint_id, v.estimate_points \
             where v.sprint_id is not null and v.estimate_points is not null"
        ),
    ];
    format!(
        "select e.facet, e.facet_id, p.project_id, e.n from ({}) e cross join (values (v.project_id), ({NIL})) p(project_id)",
        each.join(" union all ")
    )
}
