//! How many tasks there were after any position. The history is cut into blocks of 1,024 positions: what changed in each
//! is kept like the counts of now, by adding. Up to a position, that is all blocks before, and those versions of tasks
//! that began or ended since.

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
        ("block", Type::INT8),
        ("backlog", Type::INT8),
        ("todo", Type::INT8),
        ("in_progress", Type::INT8),
        ("in_review", Type::INT8),
        ("done", Type::INT8),
        ("cancelled", Type::INT8),
        ("duplicate", Type::INT8),
    ],
    key: 5,
    aside: false,
};

/// A block has 2 to the power of this positions.
const BITS: i64 = 10;

/// Changes, by workspace, facet, project (nil: all together) and block.
#[derive(Default)]
pub(super) struct Blocks(HashMap<(Uuid, Facet, Uuid, i64), Board>);

impl Blocks {
    /// An event makes so many more of a task like this.
    pub(super) fn count(&mut self, event: &Recorded, task: Option<&Task>, by: i64) {
        let Some(task) = task else { return };
        let (workspace, block) = (event.workspace.0, event.position >> BITS);
        each(task, |facet, project, status, n| {
            self.0.entry((workspace, facet, project, block)).or_default()[status] += by * n;
        });
    }

    /// The changes as rows; forgets them.
    pub(super) fn take(&mut self) -> Rows {
        let mut rows = Rows::new(&BLOCKS, Verb::Add);
        let changed = |board: &Board| board.iter().any(|n| *n != 0);
        let mut boards: Vec<_> = std::mem::take(&mut self.0).into_iter().filter(|(_, board)| changed(board)).collect();
        boards.sort_unstable_by_key(|((workspace, facet, project, block), _)| {
            (*workspace, facet.stored(), *project, *block)
        });
        for ((workspace, facet, project, block), board) in boards {
            let (facet, id) = facet.stored();
            let key = [Value::Uuid(workspace), Value::Small(facet), Value::Uuid(id), Value::Uuid(project)];
            rows.push(key.into_iter().chain([Value::Big(block)]).chain(board.map(Value::Big)));
        }
        rows
    }
}

/// The counts as they were after the position `at`, a parameter: select what `task_counts` had then.
pub(crate) fn counted_at(at: &str) -> String {
    let names: Vec<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
    let sums: Vec<_> = names.iter().map(|name| format!("sum(c.{name})::int8 as {name}")).collect();
    let ones: Vec<_> = Status::ALL
        .iter()
        .map(|status| format!("case when v.status = {}::int2 then v.sign * f.n else 0 end", status_code(*status)))
        .collect();
    let (block, key) = (format!("({at} >> {BITS})"), "workspace, facet, facet_id, project_id");
    let begun = format!("v.since >= {block} << {BITS} and v.since <= {at}");
    let ended = format!("v.until >= {block} << {BITS} and v.until <= {at}");
    format!(
        "select {key}, {} from (select {key}, {} from past_task_counts where block < {block} \
         union all select v.workspace, f.facet, f.facet_id, f.project_id, {} \
         from (select v.*, 1::int8 as sign from tasks v where {begun} \
         union all select v.*, 1::int8 from past_tasks v where {begun} \
         union all select v.*, -1::int8 from past_tasks v where {ended}) v \
         cross join lateral ({}) f where not v.deleted) c group by {key}",
        sums.join(", "),
        names.join(", "),
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
        format!(
            "select {facet}, e.id::uuid, v.project_id, 1::int8 \
             from json_array_elements_text(v.doc::json->'{member}') e(id)"
        )
    };
    [
        format!("select {all} as facet, {NIL} as facet_id, v.project_id as project_id, 1::int8 as n"),
        format!("select {all}, {NIL}, {NIL}, 1::int8"),
        within(&assignee, "assignee_ids"),
        within(&label, "label_ids"),
        format!("select {sprint}, v.sprint_id, v.project_id, 1::int8 where v.sprint_id is not null"),
        format!(
            "select {points}, v.sprint_id, v.project_id, v.estimate_points \
             where v.sprint_id is not null and v.estimate_points is not null"
        ),
    ]
    .join(" union all ")
}
