//! Questions about labels → answers.

use docket_domain::ids::LabelId;

use crate::guard::ReadAs;
use crate::list::List;
use crate::page::{Page, PageQuery};
use crate::sql::Binds;
use crate::{Doc, Error, Reads};

impl Reads {
    /// A label.
    pub async fn label(&self, reader: &ReadAs, id: LabelId) -> Result<Option<Doc>, Error> {
        let answer =
            || "select d.version, d.doc from labels d where d.workspace = $1::uuid and d.id = $4::uuid".to_owned();
        self.one(reader, &[super::NAME], "label", id.0, "", answer).await
    }

    /// One page of labels, in the order of their numbers.
    pub async fn labels(&self, reader: &ReadAs, page: &PageQuery) -> Result<Page, Error> {
        let list = List {
            form: (super::NAME, 0),
            name: super::NAME,
            models: &[super::NAME],
            doc: "d.doc",
            from: "labels d",
            which: "true",
            order: "number",
            total: "(select coalesce(sum(c.n), 0)::int8 from label_counts c where c.workspace = $1::uuid)",
        };
        self.list(reader, &list, Binds::default(), page).await
    }
}
