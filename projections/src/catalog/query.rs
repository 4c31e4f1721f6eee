//! Questions about the catalogue → answers.

use uuid::Uuid;

use crate::guard::ReadAs;
use crate::list::List;
use crate::page::{Page, PageQuery};
use crate::sql::Binds;
use crate::{Doc, Error, Reads};

/// Which entries of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryQuery {
    /// Whose name, or other name, contains this, whatever its case.
    pub q: Option<String>,
    /// Whose name is this, whatever its case.
    pub name: Option<String>,
    /// Which page.
    pub page: PageQuery,
}

impl Reads {
    /// The workspace, or an entry of its catalogue that is not deleted; `kind` is the aggregate's type.
    pub async fn entry(&self, reader: &ReadAs, kind: &'static str, id: Uuid) -> Result<Option<Doc>, Error> {
        let number = number(kind)?;
        let answer = || {
            format!(
                "select d.version, d.doc from entries d where d.workspace = $1::uuid and d.id = $4::uuid \
                 and d.kind = {number}::int2 and not d.deleted"
            )
        };
        self.one(reader, &[super::NAME], kind, id, "", answer).await
    }

    /// One page of the entries of one kind, in the order of their numbers.
    pub async fn entries(&self, reader: &ReadAs, kind: &'static str, query: &EntryQuery) -> Result<Page, Error> {
        let (number, EntryQuery { q, name, page }) = (number(kind)?, query);
        let (q, name) = (q.as_ref().map(|q| q.to_lowercase()), name.as_ref().map(|name| name.to_lowercase()));
        let which_list = format!("{kind} {q:?} {name:?}");
        let form = u32::from(q.is_some()) * 2 + u32::from(name.is_some());
        let mut binds = Binds::default();
        let q = q.map(|q| format!(" and strpos(d.words, {}) > 0", binds.bind(q, "text"))).unwrap_or_default();
        let name = name.map(|name| format!(" and d.name = {}", binds.bind(name, "text"))).unwrap_or_default();
        let which = format!("d.kind = {number}::int2 and not d.deleted{q}{name}");
        let total = match form {
            0 => format!(
                "(select coalesce(sum(c.n), 0)::int8 from entry_counts c \
                 where c.workspace = $1::uuid and c.facet = {number}::int2)"
            ),
            // A catalogue is small: those that match are counted.
            _ => format!("(select count(*) from entries d where d.workspace = $1::uuid and {which})"),
        };
        let list = List {
            form: (kind, form + 1),
            name: &which_list,
            models: &[super::NAME],
            doc: "d.doc",
            from: "entries d",
            which: &which,
            order: "number",
            total: &total,
        };
        self.list(reader, &list, binds, page).await
    }
}

fn number(kind: &str) -> Result<i16, Error> {
    super::kind(kind).ok_or_else(|| Error::Bug(format!("{kind} is not in the catalogue")))
}
