//! Lists: each resource declares once what its list can be asked for, and every list answers the same way.
//!
//! `field.rs` is what a field can do, `query.rs` what is asked, `asked.rs` the SQL that is made of both, `place.rs` what
//! a cursor holds, `view.rs` how much of each resource is shown, `highlight.rs` where a search hit. A list with millions
//! of rows may plan its own statements ([`List::plan`]); all others are one plain select.

mod asked;
mod field;
mod highlight;
mod place;
mod query;
mod view;

#[cfg(test)]
mod tests;

use tokio_postgres::Row;

pub(crate) use asked::{Asked, Condition, Words};
pub use field::{Field, Kind, Op};
pub use query::{Filter, ListQuery, SortBy, Value, View};
pub use view::Expand;
pub(crate) use view::shown;

use crate::cursor::Cursors;
use crate::guard::{COLUMNS, ReadAs, guarded};
use crate::page::{Docs, Page, Start};
use crate::past::{Moment, tables};
use crate::reads::doc_of;
use crate::sql::Binds;
use crate::{Doc, Error, Reads};

/// What a list of resources is made of, and what it can be asked for.
pub struct List {
    /// Its name: the resource in the plural. The scope `<name>:read` lets one see it.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
    /// What can be shown within each resource.
    pub expand: &'static [Expand],
    /// The members of the document that `q` looks into; none, if there is nothing to search.
    pub searched: Option<&'static [&'static str]>,
    /// The field that no two share: last key of every order, and the order unless said otherwise.
    pub tie: &'static str,
    /// Whether that is from most to least.
    pub descending: bool,
    /// The models it reads.
    pub(crate) models: &'static [&'static str],
    /// Where from, as `table d`.
    pub(crate) from: &'static str,
    /// Which rows of the table are of this kind, as a condition over `d`.
    pub(crate) only: &'static str,
    /// Which of them can be seen: not the deleted ones. A condition over `d` and the facts.
    pub(crate) base: &'static str,
    /// Which can be restored, if it is asked for what was deleted: a condition like `base`, in its place.
    pub(crate) deleted: &'static str,
    /// What conditions refer to besides `d`, as `cross join … h`.
    pub(crate) facts: &'static str,
    /// A document, as an expression over `d`.
    pub(crate) doc: fn() -> String,
    /// The same in the past, if some of that is known of now only.
    pub(crate) past_doc: Option<fn() -> String>,
    /// What is made of it before it is shown, if anything.
    pub(crate) shape: Option<fn(&str) -> Result<String, Error>>,
    /// How well a row fits the `tsquery` of this parameter, as an expression.
    pub(crate) rank: fn(&str) -> String,
    /// What else is looked into: its kind, and what a search for the `tsquery` of a parameter finds there that belongs to
    /// a row, as an expression: `{kind, id, text}`.
    pub(crate) beside: Option<(&'static str, fn(&str) -> String)>,
    /// How many there are, from counters, if they know.
    pub(crate) total: fn(&Asked) -> Option<String>,
    /// Whether its words are in one index with those of all tenants.
    pub(crate) shares_words: bool,
    /// Whether few versions that were true at a moment may be gathered.
    pub(crate) gathers: fn(&Asked) -> bool,
    /// Its own way to the rows, if it has one.
    pub(crate) plan: Option<fn(&Asked) -> Plan>,
}

/// How a page is read: statements over [`Asked`]'s parameters.
pub(crate) struct Plan {
    /// What the other two refer to.
    pub(crate) facts: String,
    /// How many there are.
    pub(crate) total: String,
    /// Whether there are no more than that.
    pub(crate) exact: String,
    /// The page's rows, see [`Asked::columns`].
    pub(crate) answer: String,
}

impl Default for Plan {
    fn default() -> Self {
        let [facts, total, answer] = std::array::from_fn(|_| String::new());
        Self { facts, total, exact: "true".to_owned(), answer }
    }
}

/// Columns that every row of a page has before its own: the guard's, the total, whether that is exact.
const BEFORE: usize = COLUMNS + 2;

impl List {
    /// What most lists have: a table named like the list, all of whose documents can be seen, in the order of their
    /// numbers.
    pub(crate) const fn new(name: &'static str, from: &'static str, fields: &'static [Field]) -> Self {
        Self {
            name,
            fields,
            expand: &[],
            searched: None,
            tie: "number",
            descending: false,
            models: &[],
            from,
            only: "true",
            base: "true",
            deleted: "false",
            facts: "",
            doc: || "d.doc".to_owned(),
            past_doc: None,
            shape: None,
            rank: |words| format!("ts_rank(d.words, {words})"),
            beside: None,
            total: |_| None,
            shares_words: false,
            gathers: |_| false,
            plan: None,
        }
    }

    /// What `q` looks into.
    pub fn looked_into(&self) -> Vec<&'static str> {
        self.searched.into_iter().flatten().copied().chain(self.beside.map(|(kind, _)| kind)).collect()
    }

    /// Whether `q` also finds what was deleted.
    pub fn searches_deleted(&self) -> bool {
        !self.shares_words
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field to order by with this name.
    pub fn sort(&self, name: &str) -> Option<&'static Field> {
        match name {
            "relevance" if self.searched.is_some() => Some(&field::RELEVANCE),
            _ => self.field(name).filter(|field| field.sort),
        }
    }

    /// The names of what it can be ordered by.
    pub fn sorts(&self) -> impl Iterator<Item = &'static str> {
        let relevance = self.searched.map(|_| field::RELEVANCE.name);
        self.fields.iter().filter(|field| field.sort).map(|field| field.name).chain(relevance)
    }

    fn place_of(&self, expand: &Expand) -> u8 {
        self.expand.iter().position(|own| own.name == expand.name).unwrap_or(255) as u8
    }

    fn models_of(&self, view: &View) -> Vec<&'static str> {
        let mut models = self.models.to_vec();
        models.extend(view.expand.iter().flat_map(|expand| (expand.list)().models));
        models.sort_unstable();
        models.dedup();
        models
    }

    fn doc(&self, past: bool) -> String {
        self.past_doc.filter(|_| past).unwrap_or(self.doc)()
    }

    fn plan(&self, asked: &Asked) -> Plan {
        match (self.plan, &asked.words) {
            (Some(plan), Words::Any | Words::These(_)) if !asked.deleted => plan(asked),
            _ => Plan {
                facts: self.facts.to_owned(),
                total: (self.total)(asked)
                    .filter(|_| asked.at.is_none() && !asked.deleted)
                    .unwrap_or_else(|| asked.counted()),
                answer: asked.answer(),
                ..Plan::default()
            },
        }
    }
}

impl Reads {
    /// One page of a list.
    pub async fn list(&self, reader: &ReadAs, list: &'static List, query: &ListQuery) -> Result<Page, Error> {
        let name = name(list, query);
        let cursors = Cursors { secret: self.secret(), workspace: reader.workspace, query: &name };
        let sort = asked::order(list, query);
        let place = match &query.page.start {
            Start::After(cursor) => Some(place::read(&cursors.open(cursor)?, &sort)?),
            _ => None,
        };
        let (reader, at) = self.then(reader, query.view.as_of).await?;
        let mut asked = Asked::new(list, reader.workspace.0, query, sort, place, at)?;
        if let Some(at) = at.filter(|_| (list.gathers)(&asked)) {
            asked.gathered = self.gathered(reader.workspace, at).await?;
        }
        let models = list.models_of(&query.view);
        let shape = self.shapes().get((list.name, asked.form()), || {
            let Plan { facts, total, exact, answer } = list.plan(&asked);
            let answer = view::expanded(&query.view, &asked, &answer);
            // Counted once, not for every row.
            let facts =
                format!("{facts} cross join lateral (select {total} as total, {exact} as exact offset 0) counted");
            let statement = guarded(", counted.total, counted.exact", &facts, &answer);
            tables::gathering(asked.gathered, asked.at.as_deref(), &models, statement)
        });
        let rows = self.ask(&reader, &models, &shape, &asked.binds).await?;
        filled(&rows, &asked, &cursors)
    }

    /// One resource of a list.
    pub async fn get(
        &self,
        reader: &ReadAs,
        list: &'static List,
        id: uuid::Uuid,
        view: &View,
    ) -> Result<Option<Doc>, Error> {
        let (reader, at) = self.then(reader, view.as_of).await?;
        let mut binds = Binds::default();
        let id = binds.bind(id, "uuid");
        let at = at.map(|position| binds.bind(position, "int8"));
        let models = list.models_of(view);
        let form =
            view.expand.iter().map(|expand| list.place_of(expand)).chain([255, u8::from(at.is_some())]).collect();
        let shape = self.shapes().get((list.name, form), || {
            let List { from, only, base, facts, .. } = list;
            let doc = list.doc(at.is_some());
            let one = format!(
                "select d.version, {doc} as doc from {from} where d.workspace = $1::uuid and d.id = {id} and {only} and {base}"
            );
            tables::at(at.as_deref(), &models, guarded("", facts, &view::expanded_one(view, &one)))
        });
        let rows = self.ask(&reader, &models, &shape, &binds).await?;
        let doc = rows.first().map(doc_of).transpose()?.flatten();
        Ok(match (doc, &view.fields) {
            (Some(doc), Some(_)) => Some(Doc { json: view::shown(&doc.json, view)?, ..doc }),
            (doc, _) => doc,
        })
    }
}

impl Reads {
    /// Who reads what was so at the moment that is looked at, and the position after which it was.
    pub(crate) async fn then(&self, reader: &ReadAs, as_of: Option<Moment>) -> Result<(ReadAs, Option<i64>), Error> {
        let Some(moment) = as_of else { return Ok((*reader, None)) };
        let at = self.position_of(reader.workspace, moment).await?;
        Ok((reader.after(at), Some(at)))
    }
}

/// The query as text, for its cursors: everything that decides what is in the list, and in which order.
fn name(list: &List, query: &ListQuery) -> String {
    use std::fmt::Write;
    let mut name = format!("{} {:?}", list.name, query.q);
    if let Some(moment) = query.view.as_of {
        let _ = write!(name, " {moment:?}");
    }
    for filter in &query.filters {
        let _ = write!(name, " {} {:?} {:?}", filter.field.name, filter.op, filter.values);
    }
    for key in &query.sort {
        let _ = write!(name, " {}{}", if key.descending { "-" } else { "+" }, key.field.name);
    }
    name
}

/// The page in guarded rows whose further columns are the total, whether it is exact, the document and perhaps its rank.
fn filled(rows: &[Row], asked: &Asked, cursors: &Cursors) -> Result<Page, Error> {
    let query = asked.query;
    let Some(first) = rows.first() else { return Err(Error::Revoked) };
    let (total, total_is_exact) = (first.try_get(COLUMNS)?, first.try_get(COLUMNS + 1)?);
    let most = usize::try_from(query.page.limit).unwrap_or(0);
    let has_more = rows.len() > most;
    let mut docs = Docs::default();
    let plain = query.view.fields.is_none() && query.q.is_none();
    let (mut last, mut ranks) = (None, Vec::new());
    for row in &rows[..rows.len().min(most)] {
        let Some(doc) = row.try_get::<_, Option<&str>>(BEFORE)? else { continue };
        let shaped = asked.list.shape.map(|shape| shape(doc)).transpose()?;
        let shaped = shaped.as_deref().unwrap_or(doc);
        if plain {
            docs.push(shaped, rows.len());
        } else {
            docs.push(&view::dressed(shaped, asked)?, rows.len());
        }
        if asked.is_ranked() {
            ranks.push(row.try_get::<_, Option<f32>>(BEFORE + 1)?.unwrap_or_default());
        }
        last = Some((doc, row));
    }
    let next_cursor = match last {
        Some((doc, row)) if has_more => {
            let rank = if asked.is_ranked() { row.try_get(BEFORE + 1)? } else { None };
            Some(cursors.seal(&place::of(doc, rank, &asked.sort)?))
        }
        _ => None,
    };
    Ok(Page { docs, next_cursor, has_more, total, total_is_exact, ranks })
}

/// The sum of a table of counters, for a list that is not filtered; `which` are further conditions over `c`.
pub(crate) fn sum_of(table: &str, asked: &Asked, which: &str) -> Option<String> {
    let plain = asked.conditions.is_empty() && matches!(asked.words, Words::Any);
    plain.then(|| format!("(select coalesce(sum(c.n), 0)::int8 from {table} c where c.workspace = $1::uuid{which})"))
}
