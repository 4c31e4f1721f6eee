//! Comments: events → rows, questions → answers. They are part of this model because a search for tasks looks into
//! them.

use docket_domain::Snapshot;
use docket_domain::comment::Comment;
use tokio_postgres::types::Type;

use super::pages::HIDDEN;
use crate::fold::{Entry, Folded, Then, Version};
use crate::list::{Expand, Field, List};
use crate::rows::{Rows, Table, Value, Verb};
use crate::words::Words;

const NOW: Table = Table {
    name: "task_comments",
    columns: &[
        ("workspace", Type::UUID),
        ("id", Type::UUID),
        ("since", Type::INT8),
        ("until", Type::INT8),
        ("number", Type::INT8),
        ("version", Type::INT8),
        ("task_id", Type::UUID),
        ("deleted", Type::BOOL),
        ("words", Type::TS_VECTOR),
        ("doc", Type::TEXT),
    ],
    key: 2,
    aside: false,
};

static DOCUMENTS: Table = NOW;
/// What they were.
pub(super) static PAST: Table = NOW.past("past_task_comments");

static SEARCH: Table = Table {
    name: "comment_search",
    columns: &[("workspace", Type::UUID), ("number", Type::INT8), ("task_id", Type::UUID), ("words", Type::TS_VECTOR)],
    key: 2,
    aside: true,
};

/// The rows of at most so many of the comments that have changed.
pub(super) fn rows(folded: &mut Folded<Comment>, most: usize, then: Then) -> Vec<Rows> {
    let mut comments = [Verb::Insert, Verb::Put].map(|verb| Rows::new(&DOCUMENTS, verb));
    let mut search = [Verb::Insert, Verb::Put, Verb::Remove].map(|verb| Rows::new(&SEARCH, verb));
    folded.emit(most, then, |entry| {
        comments[usize::from(entry.before.is_some())].push(row(&entry.version()));
        index(&mut search, entry);
    });
    comments.into_iter().chain(search).collect()
}

/// A version's row.
pub(super) fn row(version: &Version<Comment>) -> Vec<Value> {
    let comment = version.is;
    let rest = [
        Value::Big(comment.number),
        Value::Big(comment.version),
        Value::Uuid(comment.state.task_id.0),
        Value::Bool(comment.state.deleted),
        Value::Words(Words::of(&[&comment.state.body])),
        Value::Text(comment.to_json()),
    ];
    version.key().into_iter().chain(rest).collect()
}

fn index(search: &mut [Rows; 3], entry: &Entry<Comment>) {
    let shown = |comment: &Snapshot<Comment>| (!comment.state.deleted).then(|| comment.state.body.clone());
    let (before, now) = (entry.before.as_ref().and_then(shown), shown(&entry.now));
    let key = [Value::Uuid(entry.workspace), Value::Big(entry.now.number)];
    match (before, now) {
        (before, Some(body)) if before.as_ref() != Some(&body) => {
            // What is said about a task weighs less than what it says itself.
            let words = Words::of(&["", "", &body]).in_block_of(entry.workspace, entry.now.number);
            let rest = [Value::Uuid(entry.now.state.task_id.0), Value::Words(words)];
            search[usize::from(before.is_some())].push(key.into_iter().chain(rest));
        }
        (Some(_), None) => search[2].push(key),
        _ => {}
    }
}

const FIELDS: &[Field] = &[
    Field::id("id", "Its id.").column("d.id"),
    Field::integer("number", "Its number.").column("d.number"),
    Field::id("task_id", "The task it is about.").column("d.task_id"),
    Field::member("body"),
    Field::member("author"),
    Field::id("author_id", "Who said it.").nullable().column("(d.doc::json #>> '{author,id}')::uuid").unshown(),
    Field::instant("edited_at", "When what it says last changed.").nullable(),
    Field::created_by(),
    Field::instant("created_at", "When it was said."),
    Field::instant("updated_at", "When it last changed."),
    Field::integer("version", "How often it changed.").column("d.version"),
    Field::deleted(),
];

macro_rules! on_a_task {
    ($deleted:literal) => {
        concat!(
            $deleted,
            " and exists (select from tasks t where t.workspace = d.workspace and t.id = d.task_id \
             and not t.deleted and t.project_id <> all (h.hidden))"
        )
    };
}

/// The comments of a workspace that are not deleted, on tasks that can be seen.
pub static COMMENTS: List = List {
    models: &[super::NAME, crate::projects::NAME],
    facts: HIDDEN,
    searched: Some(&["body"]),
    expand: &[Expand::one("author_member", "author,id", || &crate::members::MEMBERS), Expand::creator()],
    base: on_a_task!("not d.deleted"),
    deleted: on_a_task!("d.deleted"),
    ..List::new("comments", "task_comments d", FIELDS)
};
