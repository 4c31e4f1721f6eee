//! Lists of one table of documents in the order of their numbers: what projects, members, labels, keys and activity
//! have in common.

use tokio_postgres::Row;

use crate::guard::{self, ReadAs};
use crate::page::{Cursors, Page, PageQuery, Start};
use crate::sql::Binds;
use crate::{Error, Reads};

/// Such a list.
pub(crate) struct List<'a> {
    /// Which list it is, with its filters: cursors are good for the same only.
    pub(crate) name: &'a str,
    /// The models it reads.
    pub(crate) models: &'a [&'a str],
    /// What a document is, as an expression over `d`.
    pub(crate) doc: &'a str,
    /// Where from, as `table d`.
    pub(crate) from: &'a str,
    /// Which rows, as a condition over `d`; the workspace is already one.
    pub(crate) which: &'a str,
    /// The column that orders them.
    pub(crate) order: &'a str,
    /// How many there are, as an expression.
    pub(crate) total: &'a str,
}

impl Reads {
    /// One page of such a list.
    pub(crate) async fn list(
        &self,
        reader: &ReadAs,
        list: &List<'_>,
        mut binds: Binds,
        page: &PageQuery,
    ) -> Result<Page, Error> {
        let cursors = Cursors { secret: self.secret(), workspace: reader.workspace, query: list.name };
        let List { doc, from, which, order, .. } = list;
        let mut condition = format!("d.workspace = $1::uuid and {which}");
        let mut skip = 0;
        match &page.start {
            Start::First => {}
            Start::Offset(offset) => skip = *offset,
            Start::After(cursor) => {
                let place: i64 = cursors.open(cursor)?.parse().map_err(|_| Error::BadCursor)?;
                condition += &format!(" and d.{order} > {}", binds.bind(place, "int8"));
            }
        }
        let take = binds.bind(page.limit + 1, "int8");
        let skip = binds.bind(skip, "int8");
        let answer = format!(
            "select {doc} as doc, d.{order} as place from {from} where {condition} order by d.{order} \
             limit {take} offset {skip}"
        );
        let sql = guard::guarded(list.models, &format!(", {} as total", list.total), &answer);
        let rows = self.ask(reader, &sql, &binds).await?;
        fill(&rows, page.limit, |row| {
            let place: i64 = row.try_get(guard::COLUMNS + 2)?;
            Ok(cursors.seal(&place.to_string()))
        })
    }
}

/// Makes a page of rows: after the guard's columns come the total and the document; one row more than the limit says
/// that there is more. `cursor` makes the cursor of the last row.
pub(crate) fn fill(
    rows: &[Row],
    limit: i64,
    cursor: impl Fn(&Row) -> Result<String, Error>,
) -> Result<Page, Error> {
    let limit = usize::try_from(limit).unwrap_or(0);
    let total = rows.first().map_or(Ok(0), |row| row.try_get(guard::COLUMNS))?;
    let mut docs = Vec::with_capacity(rows.len().min(limit));
    for row in rows.iter().take(limit) {
        if let Some(doc) = row.try_get::<_, Option<&str>>(guard::COLUMNS + 1)? {
            docs.push(doc.to_owned());
        }
    }
    let has_more = rows.len() > limit;
    let next_cursor = match rows.get(limit.wrapping_sub(1)) {
        Some(last) if has_more => Some(cursor(last)?),
        _ => None,
    };
    Ok(Page { docs, next_cursor, has_more, total })
}
