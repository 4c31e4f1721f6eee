//! Questions about members → answers.

use docket_domain::ids::MemberId;

use super::doc::{MODELS, doc};
use crate::guard::ReadAs;
use crate::list::List;
use crate::page::{Page, PageQuery};
use crate::sql::Binds;
use crate::{Doc, Error, Reads};

impl Reads {
    /// A member.
    pub async fn member(&self, reader: &ReadAs, id: MemberId) -> Result<Option<Doc>, Error> {
        let answer =
            || format!("select d.version, {} from members d where d.workspace = $1::uuid and d.id = $4::uuid", doc());
        self.one(reader, &MODELS, "member", id.0, "", answer).await
    }

    /// One page of members, in the order of their numbers.
    pub async fn members(&self, reader: &ReadAs, page: &PageQuery) -> Result<Page, Error> {
        let list = List {
            form: (super::NAME, 0),
            name: super::NAME,
            models: &MODELS,
            doc: &doc(),
            from: "members d",
            which: "true",
            order: "number",
            total: "(select coalesce(sum(c.n), 0)::int8 from member_counts c where c.workspace = $1::uuid)",
        };
        self.list(reader, &list, Binds::default(), page).await
    }
}
