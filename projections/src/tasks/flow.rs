//! How the work went: how many tasks, and points, came into each status on each day less those that left it, by project
//! and sprint, and of all together. How many there were at the end of a day is the sum of all days up to it.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use docket_domain::Recorded;
use docket_domain::task::{Status, Task};
use serde::Deserialize;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::apply::status_code;
use crate::rows::{Rows, Table, Value, Verb};

static FLOW: Table = Table {
    name: "flow_counts",
    columns: &[
        ("workspace", Type::UUID),
        ("project_id", Type::UUID),
        ("sprint_id", Type::UUID),
        ("date", Type::DATE),
        ("left_at", Type::TIMESTAMPTZ),
        ("backlog", Type::INT8),
        ("todo", Type::INT8),
        ("in_progress", Type::INT8),
        ("in_review", Type::INT8),
        ("done", Type::INT8),
        ("cancelled", Type::INT8),
        ("duplicate", Type::INT8),
        ("backlog_points", Type::INT8),
        ("todo_points", Type::INT8),
        ("in_progress_points", Type::INT8),
        ("in_review_points", Type::INT8),
        ("done_points", Type::INT8),
        ("cancelled_points", Type::INT8),
        ("duplicate_points", Type::INT8),
    ],
    key: 5,
    aside: false,
};

/// The statuses of a board, and as many columns of tasks as of points.
const STATUSES: usize = Status::ALL.len();

/// The columns of a row `c`, tasks before points, each in the order of a board.
pub(crate) fn columns() -> impl Iterator<Item = String> {
    let tasks = Status::ALL.iter().map(|status| format!("c.{}", status.as_str()));
    tasks.chain(Status::ALL.iter().map(|status| format!("c.{}_points", status.as_str())))
}

/// Where a task counts, and for how much.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    project: Uuid,
    /// Nil: none.
    sprint: Uuid,
    status: Status,
    points: i64,
}

impl Place {
    /// Of a task; none of one that is deleted.
    pub(super) fn of(task: &Task) -> Option<Self> {
        (!task.deleted).then(|| Self {
            project: task.project_id.0,
            sprint: task.sprint_id.map_or(Uuid::nil(), |id| id.0),
            status: task.status,
            points: task.estimate_points.unwrap_or(0),
        })
    }
}

/// Workspace, project (nil: all together), sprint, day, and when it was the end of the sprint that made tasks leave.
type Key = (Uuid, Uuid, Uuid, NaiveDate, DateTime<Utc>);

/// Changes to the flow.
#[derive(Default)]
pub(super) struct Flow(HashMap<Key, [i64; 2 * STATUSES]>);

/// What is to be known of an event that takes a task out of a sprint.
#[derive(Deserialize)]
struct Leave {
    #[serde(default)]
    at_end: bool,
}

/// When this event took a task out of its sprint because that had ended; 1970: it did not.
fn left_at(event: &Recorded) -> DateTime<Utc> {
    let is_end = event.event_type == "task.sprint_set"
        && serde_json::from_str::<Leave>(event.payload.get()).is_ok_and(|leave| leave.at_end);
    if is_end { event.occurred_at } else { DateTime::UNIX_EPOCH }
}

impl Flow {
    /// Whether an event can change where a task counts.
    pub(super) fn wants(event: &Recorded) -> bool {
        !matches!(
            event.event_type.as_str(),
            "task.retitled"
                | "task.described"
                | "task.priority_changed"
                | "task.assigned"
                | "task.unassigned"
                | "task.label_added"
                | "task.label_removed"
                | "task.scheduled"
                | "task.parent_set"
        )
    }

    /// An event moved a task from one place to another, on the day (in UTC) on which it occurred.
    pub(super) fn moved(&mut self, event: &Recorded, from: Option<Place>, to: Option<Place>) {
        if from == to {
            return;
        }
        let date = event.occurred_at.date_naive();
        for (place, by, left_at) in [(from, -1, left_at(event)), (to, 1, DateTime::UNIX_EPOCH)] {
            let Some(place) = place else { continue };
            let column = usize::from(status_code(place.status).unsigned_abs());
            let places = [(place.project, place.sprint, left_at), (Uuid::nil(), Uuid::nil(), DateTime::UNIX_EPOCH)];
            for (project, sprint, left_at) in places {
                let key = (event.workspace.0, project, sprint, date, left_at);
                let sums = self.0.entry(key).or_insert([0; 2 * STATUSES]);
                sums[column] += by;
                sums[STATUSES + column] += by * place.points;
            }
        }
    }

    /// The changes as rows; forgets them.
    pub(super) fn take(&mut self) -> Rows {
        let mut rows = Rows::new(&FLOW, Verb::Add);
        let mut changes: Vec<_> =
            std::mem::take(&mut self.0).into_iter().filter(|(_, sums)| sums.iter().any(|n| *n != 0)).collect();
        changes.sort_unstable();
        for ((workspace, project, sprint, date, left_at), sums) in changes {
            let ids = [workspace, project, sprint].map(Value::Uuid);
            let when = [Value::Date(date), Value::Time(left_at)];
            rows.push(ids.into_iter().chain(when).chain(sums.map(Value::Big)));
        }
        rows
    }
}

/// The flow as it was known after the position `at`, a parameter: select what `flow_counts` had then, but for all together.
/// What had occurred, but was not known yet, is not in it. Each version of a task comes on the day on which what made it so
/// occurred, and goes on that on which what came next did. What leaves a sprint says when it did, whether that was the end
/// of the sprint or not: if it was, nothing else left at that very moment.
pub(crate) fn flowed_at(at: &str) -> String {
    let amounts = |n: &str, suffix: &str| {
        let column = |status: &Status| {
            let (name, code) = (status.as_str(), status_code(*status));
            format!("case when v.status = {code}::int2 then {n} else 0 end as {name}{suffix}")
        };
        Status::ALL.iter().map(column).collect::<Vec<_>>().join(", ")
    };
    let day = |time: &str| format!("({time} at time zone 'UTC')::date");
    format!(
        "select v.workspace, v.project_id, v.sprint_id, x.date, x.left_at, {}, {} from every_tasks v cross join lateral (\
         select {} as date, 'epoch'::timestamptz as left_at, 1::int8 as sign union all \
         select {}, case when n.sprint_id is distinct from v.sprint_id then n.updated_at else 'epoch'::timestamptz end, \
         -1::int8 from every_tasks n where n.workspace = v.workspace and n.id = v.id and n.since = v.until \
         and v.until <= {at}) x where not v.deleted and v.since <= {at}",
        amounts("x.sign", ""),
        amounts("x.sign * coalesce(v.estimate_points, 0)", "_points"),
        day("v.updated_at"),
        day("n.updated_at")
    )
}
