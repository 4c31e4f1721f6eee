//! How many tasks there are, by project and status: of all, of an assignee, with a label, in a sprint. Kept by
//! adding what changes.

use std::collections::HashMap;

use docket_domain::task::{Status, Task};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::apply::status_code;
use super::pages::NIL;
use crate::fold::Entry;
use crate::rows::{Rows, Table, Value, Verb};

pub(super) static COUNTS: Table = Table {
    name: "task_counts",
    columns: &[
        ("workspace", Type::UUID),
        ("facet", Type::INT2),
        ("facet_id", Type::UUID),
        ("project_id", Type::UUID),
        ("backlog", Type::INT8),
        ("todo", Type::INT8),
        ("in_progress", Type::INT8),
        ("in_review", Type::INT8),
        ("done", Type::INT8),
        ("cancelled", Type::INT8),
        ("duplicate", Type::INT8),
    ],
    key: 4,
    aside: false,
};

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Facet {
    /// Every task.
    All,
    /// The tasks of this member.
    Assignee(Uuid),
    /// The tasks with this label.
    Label(Uuid),
    /// The tasks in this sprint.
    Sprint(Uuid),
    /// The points of the tasks in this sprint.
    SprintPoints(Uuid),
}

impl Facet {
    /// As it is stored.
    pub(crate) fn stored(self) -> (i16, Uuid) {
        match self {
            Self::All => (0, Uuid::nil()),
            Self::Assignee(id) => (1, id),
            Self::Label(id) => (2, id),
            Self::Sprint(id) => (3, id),
            Self::SprintPoints(id) => (4, id),
        }
    }
}

/// How many tasks are in each status, in the order of a board.
pub(super) type Board = [i64; Status::ALL.len()];

/// How many tasks a row `c` counts in any of `statuses` (an array parameter; none given: in all), as an expression.
pub(super) fn sum(statuses: Option<&str>) -> String {
    let column = |status: Status| {
        let (name, code) = (status.as_str(), status_code(status));
        match statuses {
            Some(statuses) => format!("case when {code}::int2 = any ({statuses}) then c.{name} else 0 end"),
            None => format!("c.{name}"),
        }
    };
    Status::ALL.map(column).join(" + ")
}

/// How many tasks a row `c` counts, as an expression.
pub(crate) fn every() -> String {
    sum(None)
}

/// How many tasks a row `c` counts that are still to be done, as an expression.
pub(crate) fn open() -> String {
    let open: Vec<_> = Status::ALL.iter().filter(|s| s.is_open()).map(|s| format!("c.{}", s.as_str())).collect();
    open.join(" + ")
}

/// One row: sums of what the counts say of a facet (see `task_counts`), of what can be seen.
pub(super) fn visible(facet: i16, id: &str, project: Option<&str>, sums: &[(&str, String)]) -> String {
    let columns: Vec<_> = sums.iter().map(|(name, n)| format!("{n} as {name}")).collect();
    let rows = |which: &str| {
        format!(
            "select {} from task_counts c where c.workspace = $1::uuid and c.facet = {facet}::int2 \
             and c.facet_id = {id} and {which}",
            columns.join(", ")
        )
    };
    let (from, sign) = match project {
        Some(project) => {
            (format!("({})", rows(&format!("c.project_id = {project} and {project} <> all (h.hidden)"))), String::new())
        }
        // All together, less those that nobody sees, one by one: there are rarely any.
        None => (
            format!("unnest({NIL} || h.hidden) p(id) cross join lateral ({} offset 0)", rows("c.project_id = p.id")),
            format!("case when p.id = {NIL} then 1 else -1 end * "),
        ),
    };
    let sums: Vec<_> =
        sums.iter().map(|(name, _)| format!("coalesce(sum({sign}c.{name}), 0)::int8 as {name}")).collect();
    format!("select {} from {from} c", sums.join(", "))
}

/// All statuses as rows.
pub(super) fn statuses() -> String {
    Status::ALL.map(|status| format!("({}::int2)", status_code(status))).join(", ")
}

/// The columns of a row `c` as rows (status, n).
pub(super) fn columns() -> String {
    Status::ALL.map(|status| format!("({}::int2, c.{})", status_code(status), status.as_str())).join(", ")
}

/// What a task counts for: facet, project (and nil: all of them together), status, how much. A deleted one counts for
/// nothing.
pub(super) fn each(task: &Task, mut count: impl FnMut(Facet, Uuid, usize, i64)) {
    if task.deleted {
        return;
    }
    let (project, status) = (task.project_id.0, usize::from(status_code(task.status).unsigned_abs()));
    let assignees = task.assignee_ids.iter().map(|id| Facet::Assignee(id.0));
    let labels = task.label_ids.iter().map(|id| Facet::Label(id.0));
    let sprint = task.sprint_id.map(|id| Facet::Sprint(id.0));
    let mut together = |facet, n| [project, Uuid::nil()].map(|project| count(facet, project, status, n));
    for facet in std::iter::once(Facet::All).chain(assignees).chain(labels).chain(sprint) {
        together(facet, 1);
    }
    if let Some((sprint, points)) = task.sprint_id.zip(task.estimate_points) {
        together(Facet::SprintPoints(sprint.0), points);
    }
}

/// Changes to the counts, by workspace, facet and project (nil: all projects together).
#[derive(Default)]
pub(super) struct Counts(HashMap<(Uuid, Facet, Uuid), Board>);

impl Counts {
    /// Counts a task as it is now, and no longer as it was.
    pub(super) fn change(&mut self, entry: &Entry<Task>) {
        for (task, by) in entry.change() {
            each(task, |facet, project, status, n| {
                self.0.entry((entry.workspace, facet, project)).or_default()[status] += by * n;
            });
        }
    }

    /// The changes as rows; forgets them.
    pub(super) fn take(&mut self) -> Rows {
        let mut rows = Rows::new(&COUNTS, Verb::Add);
        let changed = |board: &Board| board.iter().any(|n| *n != 0);
        let mut boards: Vec<_> = std::mem::take(&mut self.0).into_iter().filter(|(_, board)| changed(board)).collect();
        boards.sort_unstable_by_key(|((workspace, facet, project), _)| (*workspace, facet.stored(), *project));
        for ((workspace, facet, project), board) in boards {
            let (facet, id) = facet.stored();
            let key = [Value::Uuid(workspace), Value::Small(facet), Value::Uuid(id), Value::Uuid(project)];
            rows.push(key.into_iter().chain(board.map(Value::Big)));
        }
        rows
    }
}
