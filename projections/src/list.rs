//! Lists in the order of their numbers: what projects, members, keys, the catalogue and activity have in
//! common.

use serde::Deserialize;
use tokio_postgres::Row;

use crate::cursor::Cursors;
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::page::{Docs, Page, PageQuery, Start};
use crate::sql::Binds;
use crate::{Error, Reads};

/// Such a list.
pub(crate) struct List<'a> {
    /// What tells its statements from others; with the form of its filters.
    pub(crate) form: (&'static str, u32),
    /// Which list it is, with its filters: cursors are good for the same only.
    pub(crate) name: &'a str,
    /// The models it reads.
    pub(crate) models: &'a [&'static str],
    /// What a document is, as an expression over `d`.
    pub(crate) doc: &'a str,
    /// Where from, as `table d`.
    pub(crate) from: &'a str,
    /// Which rows, as a condition over `d`; the workspace is already one.
    pub(crate) which: &'a str,
    /// The column that orders them, also a member of the document.
    pub(crate) order: &'a str,
    /// How many there are, as an expression.
    pub(crate) total: &'a str,
}

/// As much of a document as a cursor needs.
#[derive(Deserialize)]
struct Place {
    #[serde(default)]
    number: i64,
    version: i64,
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
        let (place, skip) = match &page.start {
            Start::First => (None, 0),
            Start::Offset(skip) => (None, *skip),
            Start::After(cursor) => (Some(cursors.open(cursor)?.parse::<i64>().map_err(|_| Error::BadCursor)?), 0),
        };
        let (take, skip) = (binds.bind(page.limit + 1, "int8"), binds.bind(skip, "int8"));
        let place = place.map(|place| binds.bind(place, "int8"));
        let form = (list.form.0, list.form.1 * 2 + u32::from(place.is_some()));
        let shape = self.shapes().get(form, || {
            let List { doc, from, which, order, total, .. } = list;
            let after = place.map(|place| format!(" and d.{order} > {place}")).unwrap_or_default();
            let docs = format!(
                "select {doc} as doc from {from} where d.workspace = $1::uuid and {which}{after} order by d.{order} \
                 limit {take} offset {skip}"
            );
            guarded(&format!(", {total}"), "", &docs)
        });
        let rows = self.ask(reader, list.models, &shape, &binds).await?;
        filled(&rows, page.limit, |last| {
            let place: Place = serde_json::from_str(last).map_err(|error| Error::Bug(error.to_string()))?;
            let place = if list.order == "version" { place.version } else { place.number };
            Ok(cursors.seal(&place.to_string()))
        })
    }
}

/// The page in guarded rows whose further columns are the total and the document.
pub(crate) fn filled(
    rows: &[Row],
    limit: i64,
    cursor: impl FnOnce(&str) -> Result<String, Error>,
) -> Result<Page, Error> {
    let Some(first) = rows.first() else { return Err(Error::Revoked) };
    let total: i64 = first.try_get(COLUMNS)?;
    let mut docs = Docs::default();
    let most = usize::try_from(limit).unwrap_or(0);
    let has_more = rows.len() > most;
    for row in &rows[..rows.len().min(most)] {
        if let Some(doc) = row.try_get(COLUMNS + 1)? {
            docs.push(doc, rows.len());
        }
    }
    let next_cursor = match docs.last() {
        Some(last) if has_more => Some(cursor(last)?),
        _ => None,
    };
    Ok(Page { docs, next_cursor, has_more, total })
}
