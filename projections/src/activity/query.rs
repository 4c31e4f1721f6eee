//! Questions about what happened → answers.

use uuid::Uuid;

use crate::guard::ReadAs;
use crate::list::{Field, List, ListQuery, Op, Value};
use crate::page::{Page, PageQuery};
use crate::{Error, Reads};

const FIELDS: &[Field] = &[
    Field::id("stream", "Whose activity it is.").column("d.stream").unshown(),
    // What that is, is asked of the log: there it is one row for each aggregate.
    Field::text("kind", "What that is.").column(
        "(select k.kind from log.streams k where k.partition = $2::int2 and k.id = d.stream and k.workspace = $1::uuid)",
    )
    .unshown(),
    Field::integer("version", "The version after it.").column("d.version"),
];

/// What happened, oldest first.
static ACTIVITY: List = List { models: &[super::NAME], tie: "version", ..List::new("activity", "activity d", FIELDS) };

impl Reads {
    /// One page of what happened to the aggregate of this kind with this id, oldest first. Nothing, if there is none;
    /// what happened to a deleted one can still be seen.
    pub async fn activity(&self, reader: &ReadAs, kind: &str, id: Uuid, page: &PageQuery) -> Result<Page, Error> {
        let query = ListQuery { page: page.clone(), ..ListQuery::default() };
        let query = query.with(&ACTIVITY, "stream", Op::Is, vec![Value::Id(id)]);
        let query = query.with(&ACTIVITY, "kind", Op::Is, vec![Value::Text(kind.to_owned())]);
        self.list(reader, &ACTIVITY, &query).await
    }
}
