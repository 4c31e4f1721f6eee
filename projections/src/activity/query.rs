//! Questions about what happened → answers.

use uuid::Uuid;

use crate::guard::ReadAs;
use crate::list::List;
use crate::page::{Page, PageQuery};
use crate::sql::Binds;
use crate::{Error, Reads};

impl Reads {
    /// One page of what happened to the aggregate of this kind with this id, oldest first. Nothing, if there is none;
    /// what happened to a deleted one can still be seen.
    pub async fn activity(&self, reader: &ReadAs, kind: &str, id: Uuid, page: &PageQuery) -> Result<Page, Error> {
        let mut binds = Binds::default();
        let stream = binds.bind(id, "uuid");
        let kind_is = binds.bind(kind.to_owned(), "text");
        // What it is, is asked of the log: there it is one row for each aggregate.
        let is_it = format!(
            "exists (select from log.streams k where k.partition = $2::int2 and k.id = {stream} \
             and k.workspace = $1::uuid and k.kind = {kind_is})"
        );
        let list = List {
            form: (super::NAME, 0),
            name: &format!("activity {kind} {id}"),
            models: &[super::NAME],
            doc: "d.doc",
            from: "activity d",
            which: &format!("d.stream = {stream} and {is_it}"),
            order: "version",
            total: &format!(
                "(select count(*) from activity c where c.workspace = $1::uuid and c.stream = {stream} and {is_it})"
            ),
        };
        self.list(reader, &list, binds, page).await
    }
}
