//! Events → rows of `tasks`, its filters, its search words and its counts.

use docket_domain::comment::Comment;
use docket_domain::snapshot::Unreadable;
use docket_domain::task::{Priority, Status, Task};
use docket_domain::{Recorded, Snapshot};
use docket_failpoints::failpoint;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::comments;
use super::counts::Counts;
use super::flow::{Flow, Place};
use super::was::Was;
use crate::fold::{Entry, Folded, Then, Version};
use crate::model::ReadModel;
use crate::rows::{Rows, Table, Value, Verb};
use crate::words::Words;

const NOW: Table = Table {
    name: "tasks",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("since", Type::INT8),
        ("until", Type::INT8),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("project_id", Type::UUID),
        ("sprint_id", Type::UUID),
        ("phase_id", Type::UUID),
        ("parent_id", Type::UUID),
        ("status", Type::INT2),
        ("priority", Type::INT2),
        ("start_date", Type::DATE),
        ("due_date", Type::DATE),
        ("estimate_minutes", Type::INT8),
        ("estimate_points", Type::INT8),
        ("billable", Type::BOOL),
        ("completed_at", Type::TIMESTAMPTZ),
        ("external_id", Type::TEXT),
        ("title", Type::TEXT),
        ("assignee_ids", Type::UUID_ARRAY),
        ("label_ids", Type::UUID_ARRAY),
        ("created_by", Type::UUID),
        ("created_at", Type::TIMESTAMPTZ),
        ("updated_at", Type::TIMESTAMPTZ),
        ("deleted", Type::BOOL),
        ("doc", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

static TASKS: Table = NOW;
/// What they were.
pub(super) static PAST: Table = NOW.past("past_tasks");

static ASSIGNEES: Table = Table {
    name: "task_assignees",
    columns: &[
        ("workspace", Type::UUID),
        ("member_id", Type::UUID),
        ("number", Type::INT8),
        ("project_id", Type::UUID),
        ("status", Type::INT2),
        ("since", Type::INT8),
    ],
    key: 3,
    aside: true,
};

static LABELS: Table = Table {
    name: "task_labels",
    columns: &[
        ("workspace", Type::UUID),
        ("label_id", Type::UUID),
        ("number", Type::INT8),
        ("project_id", Type::UUID),
        ("status", Type::INT2),
        ("since", Type::INT8),
    ],
    key: 3,
    aside: true,
};

static SEARCH: Table = Table {
    name: "task_search",
    columns: &[("workspace", Type::UUID), ("number", Type::INT8), ("words", Type::TS_VECTOR)],
    key: 2,
    aside: true,
};

/// Documents, each after its kind.
const LOAD: &str = "select d.* from unnest($1::uuid[], $2::uuid[]) as w(workspace, id) cross join lateral ( \
                    select t.workspace, t.id, t.since, 'task ' || t.doc from tasks t \
                    where t.workspace = w.workspace and t.id = w.id \
                    union all select c.workspace, c.id, c.since, 'comment ' || c.doc from task_comments c \
                    where c.workspace = w.workspace and c.id = w.id) d";

/// The model.
#[derive(Default)]
pub(crate) struct Tasks {
    folded: Folded<Task>,
    comments: Folded<Comment>,
    was: Was,
    counts: Counts,
    flow: Flow,
}

impl ReadModel for Tasks {
    fn name(&self) -> &'static str {
        super::NAME
    }

    fn wants(&self, event: &Recorded) -> bool {
        event.kind == "task" || event.kind == "comment"
    }

    fn load_sql(&self) -> Option<&'static str> {
        Some(LOAD)
    }

    fn lacks(&self, id: Uuid) -> bool {
        self.folded.lacks(id) && self.comments.lacks(id)
    }

    fn loaded(&mut self, workspace: Uuid, id: Uuid, since: i64, doc: &str) -> Result<(), Unreadable> {
        match doc.split_once(' ').unwrap_or_default() {
            ("comment", doc) => self.comments.loaded(workspace, id, since, doc),
            (_, doc) => self.folded.loaded(workspace, id, since, doc),
        }
    }

    fn apply(&mut self, event: &Recorded) -> Result<(), Unreadable> {
        if event.kind == "comment" {
            return self.was.comment(&mut self.comments, event);
        }
        let from = self.place(event.stream);
        self.was.task(&mut self.folded, event)?;
        if Flow::wants(event) {
            self.flow.moved(event, from, self.place(event.stream));
        }
        Ok(())
    }

    fn settled(&mut self) -> Vec<Rows> {
        self.was.take()
    }

    fn documents(&mut self, most: usize, then: Then) -> Vec<Rows> {
        let mut out = Out::default();
        self.folded.emit(most, then, |entry| {
            out.write(entry);
            self.counts.change(entry);
            if failpoint!("counts-twice") {
                self.counts.change(entry);
            }
        });
        out.rows().into_iter().chain(comments::rows(&mut self.comments, most, then)).collect()
    }

    fn stored_but(&mut self, kept: u64) {
        self.folded.stored_but(kept);
        self.comments.stored_but(kept);
    }

    fn tallies(&mut self) -> Vec<Rows> {
        vec![self.counts.take(), self.flow.take()]
    }
}

impl Tasks {
    fn place(&self, id: Uuid) -> Option<Place> {
        self.folded.now(id).and_then(Place::of)
    }
}

/// A status as it is stored: its place on a board.
pub(crate) fn status_code(status: Status) -> i16 {
    Status::ALL.iter().position(|known| *known == status).map_or(0, |place| place as i16)
}

fn priority_code(priority: Priority) -> i16 {
    Priority::ALL.iter().position(|known| *known == priority).map_or(0, |place| place as i16)
}

/// A task that can be found; a deleted one has no part in filters, search and counts.
fn shown(snapshot: Option<&Snapshot<Task>>) -> Option<&Task> {
    snapshot.map(|snapshot| &snapshot.state).filter(|task| !task.deleted)
}

struct Out {
    /// New ones, others.
    tasks: [Rows; 2],
    /// New ones, others, to be removed.
    assignees: [Rows; 3],
    labels: [Rows; 3],
    search: [Rows; 3],
}

impl Default for Out {
    fn default() -> Self {
        let all = |table: &'static Table| [Verb::Insert, Verb::Put, Verb::Remove].map(|verb| Rows::new(table, verb));
        Self {
            tasks: [Verb::Insert, Verb::Put].map(|verb| Rows::new(&TASKS, verb)),
            assignees: all(&ASSIGNEES),
            labels: all(&LABELS),
            search: all(&SEARCH),
        }
    }
}

impl Out {
    fn write(&mut self, entry: &Entry<Task>) {
        let (before, now) = (shown(entry.before.as_ref()), shown(Some(&entry.now)));
        let (workspace, number) = (entry.workspace, entry.now.number);
        self.tasks[usize::from(entry.before.is_some())].push(row(&entry.version()));
        relate(&mut self.assignees, entry, |task| task.assignee_ids.iter().map(|id| id.0).collect());
        relate(&mut self.labels, entry, |task| task.label_ids.iter().map(|id| id.0).collect());
        self.index(workspace, number, before, now);
    }

    fn index(&mut self, workspace: Uuid, number: i64, before: Option<&Task>, now: Option<&Task>) {
        let texts = |task: &Task| (task.title.clone(), task.description.clone());
        if before.map(texts) == now.map(texts) {
            return;
        }
        let key = [Value::Uuid(workspace), Value::Big(number)];
        match now {
            Some(task) => {
                let words = Words::of(&[&task.title, task.description.as_deref().unwrap_or_default()]);
                let words = words.in_block_of(workspace, number);
                self.search[usize::from(before.is_some())].push(key.into_iter().chain([Value::Words(words)]));
            }
            None => self.search[2].push(key),
        }
    }

    fn rows(self) -> Vec<Rows> {
        let related = self.assignees.into_iter().chain(self.labels);
        self.tasks.into_iter().chain(related).chain(self.search).collect()
    }
}

/// Where a task stands: what the rows of what it is related to say of it.
pub(super) fn place(task: &Task) -> [Value; 2] {
    [Value::Uuid(task.project_id.0), Value::Small(status_code(task.status))]
}

/// Rows of what a task is related to, each with where the task stands.
fn relate(rows: &mut [Rows; 3], entry: &Entry<Task>, ids: impl Fn(&Task) -> Vec<Uuid>) {
    let (before, now) = (shown(entry.before.as_ref()), shown(Some(&entry.now)));
    let [had, has] = [before, now].map(|task| task.map_or_else(Vec::new, &ids));
    let key = |id: &Uuid| [Value::Uuid(entry.workspace), Value::Uuid(*id), Value::Big(entry.now.number)];
    let since = Value::Big(entry.version().since);
    for id in &has {
        let place = now.into_iter().flat_map(place);
        rows[usize::from(had.contains(id))].push(key(id).into_iter().chain(place).chain([since.clone()]));
    }
    for id in had.iter().filter(|id| !has.contains(id)) {
        rows[2].push(key(id));
    }
}

/// A version's row.
pub(super) fn row(version: &Version<Task>) -> Vec<Value> {
    let task = version.is;
    let rest = [
        Value::Big(task.number),
        Value::Big(task.version),
        Value::Uuid(task.state.project_id.0),
        Value::maybe(task.state.sprint_id.map(|id| id.0), Value::Uuid),
        Value::maybe(task.state.phase_id.map(|id| id.0), Value::Uuid),
        Value::maybe(task.state.parent_id.map(|id| id.0), Value::Uuid),
        Value::Small(status_code(task.state.status)),
        Value::Small(priority_code(task.state.priority)),
        Value::maybe(task.state.start_date, Value::Date),
        Value::maybe(task.state.due_date, Value::Date),
        Value::maybe(task.state.estimate_minutes, Value::Big),
        Value::maybe(task.state.estimate_points, Value::Big),
        Value::maybe(task.state.billable, Value::Bool),
        Value::maybe(task.state.completed_at, Value::Time),
        Value::maybe(task.state.external_id.clone(), Value::Text),
        Value::Text(task.state.title.to_lowercase()),
        Value::ids(task.state.assignee_ids.iter().map(|id| id.0)),
        Value::ids(task.state.label_ids.iter().map(|id| id.0)),
        Value::maybe(task.created_by.id(), Value::Uuid),
        Value::Time(task.created_at),
        Value::Time(task.updated_at),
        Value::Bool(task.state.deleted && !failpoint!("shows-the-deleted")),
        Value::Text(task.to_json()),
    ];
    version.key().into_iter().chain(rest).collect()
}
