//! What tasks and comments were: events → rows of the past. Rows that lie beside the documents have a past too: what a task
//! was related to as each version of it, and its words, which are so until a position; since when, the words before them
//! say.

use docket_domain::Recorded;
use docket_domain::comment::Comment;
use docket_domain::snapshot::Unreadable;
use docket_domain::task::Task;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::apply::{self, place};
use super::blocks::Blocks;
use super::comments;
use super::peaks::Peaks;
use crate::fold::{Folded, STILL, Version};
use crate::rows::{Rows, Table, Value, Verb};
use crate::words::Words;

const RELATED: [(&str, Type); 7] = [
    ("workspace", Type::UUID),
    ("", Type::UUID),
    ("number", Type::INT8),
    ("since", Type::INT8),
    ("project_id", Type::UUID),
    ("status", Type::INT2),
    ("until", Type::INT8),
];

/// The columns of such a table; this one has whom or what the task is related to.
const fn related(column: &'static str) -> [(&'static str, Type); 7] {
    let mut columns = RELATED;
    columns[1].0 = column;
    columns
}

static ASSIGNEES: Table = Table { name: "past_task_assignees", columns: &related("member_id"), key: 4, aside: false };
static LABELS: Table = Table { name: "past_task_labels", columns: &related("label_id"), key: 4, aside: false };

static WORDS: Table = Table {
    name: "past_task_search",
    columns: &[("workspace", Type::UUID), ("number", Type::INT8), ("until", Type::INT8), ("words", Type::TS_VECTOR)],
    key: 3,
    aside: false,
};

static COMMENT_WORDS: Table = Table {
    name: "past_comment_search",
    columns: &[
        ("workspace", Type::UUID),
        ("number", Type::INT8),
        ("until", Type::INT8),
        ("task_id", Type::UUID),
        ("words", Type::TS_VECTOR),
    ],
    key: 3,
    aside: false,
};

/// Rows of the past.
pub(super) struct Was {
    tasks: Rows,
    assignees: Rows,
    labels: Rows,
    words: Rows,
    comments: Rows,
    comment_words: Rows,
    blocks: Blocks,
    peaks: Peaks,
}

impl Default for Was {
    fn default() -> Self {
        let tables = [&apply::PAST, &ASSIGNEES, &LABELS, &WORDS, &comments::PAST, &COMMENT_WORDS];
        let [tasks, assignees, labels, words, comments, comment_words] =
            tables.map(|table| Rows::new(table, Verb::Insert));
        let (blocks, peaks) = (Blocks::default(), Peaks::default());
        Self { tasks, assignees, labels, words, comments, comment_words, blocks, peaks }
    }
}

impl Was {
    /// Takes an event into its task, and what that was until then into the past.
    pub(super) fn task(&mut self, folded: &mut Folded<Task>, event: &Recorded) -> Result<(), Unreadable> {
        self.blocks.count(event, folded.now(event.stream), -1);
        let texts = folded.now(event.stream).filter(|task| !task.deleted).map(texts);
        let before = folded.apply(event, |version| {
            self.related(version);
            apply::row(version)
        })?;
        self.tasks.extend(before);
        if let Some(now) = folded.snapshot(event.stream) {
            self.blocks.count(event, Some(&now.state), 1);
            self.peaks.note(event, now);
            let since = Some(&now.state).filter(|task| !task.deleted).map(self::texts);
            if let Some((title, description)) = texts.filter(|texts| Some(texts) != since.as_ref()) {
                let words = Words::of(&[&title, description.as_deref().unwrap_or_default()]);
                self.words.push(gone(event, now.number, [], words));
            }
        }
        Ok(())
    }

    /// The same with a comment.
    pub(super) fn comment(&mut self, folded: &mut Folded<Comment>, event: &Recorded) -> Result<(), Unreadable> {
        let body = |comment: &Comment| (!comment.deleted).then(|| comment.body.clone());
        let said = folded.now(event.stream).and_then(body);
        self.comments.extend(folded.apply(event, comments::row)?);
        if let (Some(said), Some(now)) = (said, folded.snapshot(event.stream))
            && Some(&said) != body(&now.state).as_ref()
        {
            let task = Value::Uuid(now.state.task_id.0);
            self.comment_words.push(gone(event, now.number, [task], Words::of(&["", "", &said])));
        }
        Ok(())
    }

    /// All rows; none are left.
    pub(super) fn take(&mut self) -> Vec<Rows> {
        let Self { tasks, assignees, labels, words, comments, comment_words, blocks, peaks } = self;
        let rows = [tasks, assignees, labels, words, comments, comment_words].map(Rows::take);
        rows.into_iter().chain([blocks.take(), peaks.take()]).collect()
    }

    fn related(&mut self, version: &Version<Task>) {
        let task = version.is;
        if task.state.deleted {
            return;
        }
        let push = |rows: &mut Rows, id: Uuid| {
            let key = [Value::Uuid(version.workspace), Value::Uuid(id), Value::Big(task.number)];
            let (since, until) = ([Value::Big(version.since)], [Value::Big(version.until)]);
            rows.push(key.into_iter().chain(since).chain(place(&task.state)).chain(until));
        };
        task.state.assignee_ids.iter().for_each(|id| push(&mut self.assignees, id.0));
        task.state.label_ids.iter().for_each(|id| push(&mut self.labels, id.0));
    }
}

fn texts(task: &Task) -> (String, Option<String>) {
    (task.title.clone(), task.description.clone())
}

/// The row of words that were there until an event.
fn gone<const N: usize>(event: &Recorded, number: i64, more: [Value; N], words: Words) -> impl Iterator<Item = Value> {
    let workspace = event.workspace.0;
    let key = [Value::Uuid(workspace), Value::Big(number), Value::Big(event.position)];
    let words = Value::Words(words.in_block_of(workspace, number));
    key.into_iter().chain(more).chain([words])
}

/// All that tasks are and were related to: select what `task_<things>` have, with until when.
pub(crate) fn every_related(table: &str, column: &str) -> String {
    let columns = format!("workspace, {column}, number, project_id, status, since");
    format!("select {columns}, {STILL}::int8 as until from {table} union all select {columns}, until from past_{table}")
}
