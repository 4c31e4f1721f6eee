//! What a list, or one resource of it, is asked for: read from the query string by the list's own declaration, from which
//! the OpenAPI document has its parameters too.

mod params;
mod values;

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use docket_projections::{Field, Filter, List, ListQuery, MOST, Op, PageQuery, SortBy, Start, Value, View};
use serde::de::DeserializeOwned;

use super::moment;
use super::query::{self, Pair, pairs};
use crate::auth::{Caller, access};
use crate::problem::Problem;

/// A resource that there is a list of.
pub trait Listable {
    /// What the list can be asked for.
    const LIST: &'static List;
}

/// What a list is asked for.
pub struct Listing<L>(pub ListQuery, PhantomData<L>);

/// How much of one resource is asked for.
pub struct Shown<L>(pub View, PhantomData<L>);

/// How much of one resource is asked for, and what else its operation takes.
pub struct ShownOf<L, T>(pub View, pub T, pub PhantomData<L>);

/// Which resources of a list are meant, in whatever order and on whatever page.
pub struct Filtered<L>(pub ListQuery, PhantomData<L>);

/// A moment of the past, which a GET may ask for on any mount.
pub const AS_OF: &str = "as_of";
/// How many at most, unless the caller says otherwise.
const LIMIT: i64 = 50;
/// How far an offset reaches; a cursor has no such end.
const FARTHEST: i64 = 100_000;
/// How long a search may be, in characters.
const LONGEST_SEARCH: usize = 500;
/// How many values a filter may have.
const MOST_VALUES: usize = 100;
/// How many keys an order may have.
const MOST_KEYS: usize = 4;

impl<L: Listable, S: Send + Sync> FromRequestParts<S> for Listing<L> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = read(L::LIST, parts.uri.query().unwrap_or_default(), partition_of(parts))?;
        may_see(&query.view, parts)?;
        if query.is_of_deleted() {
            // What was deleted is shown to those who may restore it.
            let caller = parts.extensions.get::<Caller>().ok_or_else(Problem::internal)?;
            access::may_restore(L::LIST.name, caller)?;
        }
        Ok(Self(query, PhantomData))
    }
}

impl<L: Listable, S: Send + Sync> FromRequestParts<S> for Filtered<L> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let sent = pairs(parts.uri.query().unwrap_or_default())?;
        if let Some((name, _)) = sent.iter().find(|(name, _)| params::filters_of(L::LIST).all(|known| known != *name)) {
            return Err(unknown(name, params::filters_of(L::LIST)));
        }
        Ok(Self(of(L::LIST, &sent, partition_of(parts))?, PhantomData))
    }
}

impl<L> Shown<L> {
    /// All of it.
    pub fn whole() -> Self {
        Self(View::default(), PhantomData)
    }
}

impl<L: Listable, S: Send + Sync> FromRequestParts<S> for Shown<L> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let view = read_view(L::LIST, parts.uri.query().unwrap_or_default(), partition_of(parts))?;
        may_see(&view, parts)?;
        Ok(Self(view, PhantomData))
    }
}

impl<L: Listable, T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for ShownOf<L, T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let is_view = |(name, _): &Pair<'_>| ["fields", "expand", AS_OF].contains(&name.as_ref());
        let sent = pairs(parts.uri.query().unwrap_or_default())?;
        let (view, others): (Vec<_>, Vec<_>) = sent.into_iter().partition(is_view);
        let view = view_of(L::LIST, &view, partition_of(parts))?;
        may_see(&view, parts)?;
        Ok(Self(view, query::of(&others)?, PhantomData))
    }
}

/// Where the caller's history is.
fn partition_of(parts: &Parts) -> i16 {
    parts.extensions.get::<Caller>().map_or(0, |caller| caller.partition)
}

/// What is shown within a resource takes the scope that its own list takes.
fn may_see(view: &View, parts: &Parts) -> Result<(), Problem> {
    for expand in &view.expand {
        let scope = format!("{}:read", (expand.list)().name);
        if !parts.extensions.get::<Caller>().is_some_and(|caller| caller.has(&scope)) {
            let detail = format!("The key lacks the scope {scope}, which expand={} takes.", expand.name);
            return Err(Problem::forbidden("missing-scope", detail));
        }
    }
    Ok(())
}

/// Reads a list's query string, of a caller whose history is in this partition.
pub fn read(list: &'static List, query: &str, partition: i16) -> Result<ListQuery, Problem> {
    of(list, &pairs(query)?, partition)
}

/// Reads a list's parameters.
pub fn of(list: &'static List, sent: &[Pair<'_>], partition: i16) -> Result<ListQuery, Problem> {
    let mut read = ListQuery { page: PageQuery { limit: LIMIT, start: Start::First }, ..ListQuery::default() };
    for (name, value) in sent {
        match name.as_ref() {
            "limit" => read.page.limit = within("limit", value, 1, MOST, "")?,
            "cursor" => start(&mut read.page, Start::After(value.clone().into_owned()))?,
            "offset" => {
                let skip = within("offset", value, 0, FARTHEST, ": use next_cursor to go farther")?;
                start(&mut read.page, Start::Offset(skip))?;
            }
            "sort" => read.sort = sort(list, value)?,
            "q" if list.searched.is_some() => read.q = Some(search(value)?),
            "fields" => read.view.fields = Some(fields(list, value)?),
            "expand" if !list.expand.is_empty() => read.view.expand = expand(list, value)?,
            AS_OF => read.view.as_of = Some(moment::then(value, partition)?),
            name => read.filters.push(filter(list, name, value)?),
        }
    }
    if read.q.is_none() && read.sort.iter().any(|key| key.field.name == "relevance") {
        return Err(Problem::parameter("sort", "unknown-value", "relevance is an order only together with q."));
    }
    if read.q.is_some() && read.is_of_deleted() && !list.searches_deleted() {
        let detail = "What was deleted is not searched: ask for its title[contains].";
        return Err(Problem::parameter("q", "out-of-place", detail));
    }
    if read.view.as_of.is_some() {
        can_be_past(&read)?;
    }
    // In one order, whatever the client's, so that equal queries are equal.
    let place = |filter: &Filter| list.fields.iter().position(|field| field.name == filter.field.name);
    read.filters.sort_by_key(|filter| (place(filter), filter.op));
    Ok(read)
}

/// Whether it is known what a list like this was.
fn can_be_past(asked: &ListQuery) -> Result<(), Problem> {
    let filter =
        asked.filters.iter().find(|filter| filter.field.fleeting).map(|filter| (filter.field.name, filter.field));
    let sort = asked.sort.iter().find(|key| key.field.fleeting).map(|key| ("sort", key.field));
    match filter.or(sort) {
        None => Ok(()),
        Some((parameter, field)) => {
            let detail = format!("Nobody knows what {} was: send either it or as_of.", field.name);
            Err(Problem::parameter(parameter, "out-of-place", detail))
        }
    }
}

/// Reads the query string of one resource, whose history is in this partition.
pub fn read_view(list: &'static List, query: &str, partition: i16) -> Result<View, Problem> {
    view_of(list, &pairs(query)?, partition)
}

/// Reads the parameters of one resource.
pub fn view_of(list: &'static List, sent: &[Pair<'_>], partition: i16) -> Result<View, Problem> {
    let mut view = View::default();
    for (name, value) in sent {
        match name.as_ref() {
            "fields" => view.fields = Some(fields(list, value)?),
            "expand" if !list.expand.is_empty() => view.expand = expand(list, value)?,
            AS_OF => view.as_of = Some(moment::then(value, partition)?),
            name => {
                let expand = (!list.expand.is_empty()).then_some("expand");
                let known = ["fields", AS_OF].into_iter().chain(expand);
                return Err(unknown(name, known.map(str::to_owned)));
            }
        }
    }
    Ok(view)
}

fn unknown(name: &str, known: impl Iterator<Item = String>) -> Problem {
    let known: Vec<_> = known.map(|name| format!("`{name}`")).collect();
    let detail = format!("unknown parameter `{name}`, expected one of {}", known.join(", "));
    Problem::parameter(name.to_owned(), "unknown-parameter", detail)
}

fn within(name: &'static str, value: &str, least: i64, most: i64, more: &str) -> Result<i64, Problem> {
    let number = value.parse::<i64>().ok().filter(|number| number.to_string() == value);
    let number = number.ok_or_else(|| Problem::parameter(name, "invalid-parameter", "must be a whole number"))?;
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(Problem::parameter(name, "out-of-range", format!("{name} is {least} to {most}{more}.")))
}

fn start(page: &mut PageQuery, at: Start) -> Result<(), Problem> {
    if page.start != Start::First {
        return Err(Problem::parameter("offset", "two-places", "Send either cursor or offset, not both."));
    }
    page.start = at;
    Ok(())
}

fn search(value: &str) -> Result<String, Problem> {
    if value.chars().count() > LONGEST_SEARCH {
        let detail = format!("q has at most {LONGEST_SEARCH} characters.");
        return Err(Problem::parameter("q", "too-long", detail));
    }
    Ok(value.to_owned())
}

fn sort(list: &'static List, value: &str) -> Result<Vec<SortBy>, Problem> {
    let mut keys: Vec<SortBy> = Vec::new();
    for word in value.split(',') {
        let (descending, name) = word.strip_prefix('-').map_or((false, word), |name| (true, name));
        let fresh = |field: &&Field| keys.iter().all(|key| key.field.name != field.name);
        let field = list.sort(name).filter(fresh).filter(|_| keys.len() < MOST_KEYS).ok_or_else(|| {
            let names: Vec<_> = list.sorts().collect();
            let detail = format!(
                "sort is up to {MOST_KEYS} different ones of {}, joined by commas; a leading - turns one round.",
                names.join(", ")
            );
            Problem::parameter("sort", "unknown-value", detail)
        })?;
        // What fits best comes first, whether or not it is said.
        keys.push(SortBy { field, descending: descending || name == "relevance" });
    }
    Ok(keys)
}

fn fields(list: &'static List, value: &str) -> Result<Vec<&'static str>, Problem> {
    let known: Vec<_> = list.fields.iter().filter(|field| field.shown).map(|field| field.name).collect();
    some_of(value, &known)
}

/// The members that `fields` names, of these.
pub fn some_of(value: &str, known: &[&'static str]) -> Result<Vec<&'static str>, Problem> {
    let find = |word: &str| known.iter().find(|name| **name == word).copied();
    value.split(',').map(|word| find(word).ok_or_else(|| none_of("fields", known))).collect()
}

fn expand(list: &'static List, value: &str) -> Result<Vec<&'static docket_projections::Expand>, Problem> {
    let mut named: Vec<_> = Vec::new();
    for word in value.split(',') {
        let found = list.expand.iter().find(|expand| expand.name == word).ok_or_else(|| {
            let known: Vec<_> = list.expand.iter().map(|expand| expand.name).collect();
            none_of("expand", &known)
        })?;
        if named.iter().all(|seen: &&docket_projections::Expand| seen.name != found.name) {
            named.push(found);
        }
    }
    Ok(named)
}

fn none_of(name: &'static str, known: &[&str]) -> Problem {
    Problem::parameter(name, "unknown-value", format!("{name} is one or more of {}.", known.join(", ")))
}

fn filter(list: &'static List, name: &str, value: &str) -> Result<Filter, Problem> {
    let (plain, word) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        Some((plain, word)) if !word.is_empty() => (plain, word),
        Some(_) => (name, ""),
        None if name == "updated_since" => ("updated_at", "gte"),
        None => (name, ""),
    };
    let field = list.field(plain);
    let found = field.and_then(|field| Some((field, field.ops().find(|op| op.word() == word)?)));
    let (field, op) = found.ok_or_else(|| unknown(name, params::names(list)))?;
    let values = match op {
        Op::Exists => vec![Value::Bool(values::yes_or_no(name, value)?)],
        Op::Is | Op::Not if values::splits(field) => {
            let values: Vec<_> = value.split(',').collect();
            if values.len() > MOST_VALUES {
                let detail = format!("{name} takes at most {MOST_VALUES} values.");
                return Err(Problem::parameter(name.to_owned(), "out-of-range", detail));
            }
            values.into_iter().map(|value| values::read(name, field.kind, value)).collect::<Result<_, _>>()?
        }
        _ => vec![values::read(name, field.kind, value)?],
    };
    Ok(Filter { field, op, values })
}

#[cfg(test)]
mod tests;
