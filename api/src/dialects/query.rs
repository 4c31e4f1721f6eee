//! A product's query string as a native list's.

use std::borrow::Cow;

use docket_projections::ListQuery;
use uuid::Uuid;

use super::dialect::{By, Paging, Resource};
use super::field::{Codec, Field};
use super::ids::{self, Ids};
use super::inbound::in_their_words;
use crate::edge::listing::{self, AS_OF};
use crate::edge::query::{Pair, pairs};
use crate::problem::Problem;

/// What a list is asked for.
pub struct Asked {
    /// The native query.
    pub query: ListQuery,
    /// How many at most.
    pub limit: i64,
    /// After how many it starts.
    pub offset: i64,
    /// Whether the client goes by cursors.
    pub by_cursor: bool,
    /// Whether the client asked for a page.
    pub paged: bool,
    /// Parameters that say nothing here.
    pub ignored: Vec<String>,
}

/// Reads the query string of a list; these parameters are read elsewhere.
pub async fn read(
    resource: &'static Resource,
    paging: Paging,
    query: &str,
    known: &[&str],
    ids: &mut Ids<'_>,
) -> Result<Asked, Problem> {
    let sent = pairs(query)?;
    let page = Page::read(paging, &sent)?;
    let mut native: Vec<Pair<'_>> = pairs(resource.asked)?;
    if !resource.expand.is_empty() {
        native.push(("expand".into(), resource.expand.into()));
    }
    let mut ignored = Vec::new();
    let is_known = |name: &str| page.names.contains(&name) || resource.filters.iter().any(|it| it.theirs == name);
    for (name, value) in &sent {
        match resource.filters.iter().find(|field| field.theirs == name) {
            Some(field) if !value.is_empty() => {
                learn(field, value, ids).await?;
                native.push(filter(field, value, ids)?);
            }
            _ if name == AS_OF => native.push((name.clone(), value.clone())),
            _ if page.names.contains(&name.as_ref()) || known.contains(&name.as_ref()) => {}
            _ => {
                refuse_array(name, is_known)?;
                ignored.push(name.to_string());
            }
        }
    }
    native.extend(page.native());
    let query = listing::of(resource.native.list, &native, ids.partition())
        .map_err(|problem| in_their_words(problem, resource))?;
    let Page { limit, offset, by_cursor, paged, .. } = page;
    Ok(Asked { query, limit, offset, by_cursor, paged, ignored })
}

/// Refuses an array of what is known: whoever writes one means to ask for less than all there is.
pub fn refuse_array(name: &str, is_known: impl Fn(&str) -> bool) -> Result<(), Problem> {
    match array(name).filter(|known| is_known(known)) {
        Some(known) => {
            let detail = format!("is written {known}=…, once, with commas between several values");
            Err(Problem::parameter(name.to_owned(), "unknown-parameter", detail))
        }
        None => Ok(()),
    }
}

/// The parameter that somebody sends as an array: `status[]`, `status[0]`.
fn array(name: &str) -> Option<&str> {
    let (name, place) = name.strip_suffix(']')?.split_once('[')?;
    place.bytes().all(|digit| digit.is_ascii_digit()).then_some(name)
}

async fn learn(field: &Field, value: &str, ids: &mut Ids<'_>) -> Result<(), Problem> {
    match &field.codec {
        Codec::Id(kind) | Codec::Ids(kind) => {
            ids.learn_numbers(kind, value.split(',').filter_map(ids::number).collect()).await
        }
        _ => Ok(()),
    }
}

/// The native filter that one of theirs stands for.
fn filter<'q>(field: &'static Field, value: &'q str, ids: &Ids<'_>) -> Result<Pair<'q>, Problem> {
    let native: Cow<'q, str> = match &field.codec {
        Codec::Words(words) => {
            let ours: Vec<_> = value.split(',').map(|word| words.all_ours(word).collect::<Vec<_>>()).collect();
            if ours.iter().any(Vec::is_empty) {
                let detail = format!("must be one of: {}", words.listed().join(", "));
                return Err(Problem::parameter(field.theirs, "one-of", detail));
            }
            ours.concat().join(",").into()
        }
        // An id of nothing finds nothing, whoever else's it may be.
        Codec::Id(kind) | Codec::Ids(kind) => {
            let known = value.split(',').map(|id| ids.known.read(kind, id).unwrap_or(Uuid::max()).to_string());
            known.collect::<Vec<_>>().join(",").into()
        }
        _ => value.into(),
    };
    Ok((field.ours.into(), native))
}

/// Which page is asked for.
struct Page<'q> {
    limit: i64,
    offset: i64,
    cursor: Option<&'q str>,
    by_cursor: bool,
    paged: bool,
    names: &'static [&'static str],
}

impl<'q> Page<'q> {
    fn read(paging: Paging, sent: &'q [Pair<'q>]) -> Result<Self, Problem> {
        let names: &'static [&'static str] = match paging.by {
            By::Nothing => &[],
            By::Offset => &["limit", "offset"],
            By::Cursor | By::CursorIfAny => &["limit", "cursor"],
            By::Anything => &["limit", "offset", "page", "per_page", "cursor"],
        };
        let find = |wanted: &str| {
            let found = sent.iter().find(|(name, _)| name == wanted);
            found.filter(|_| names.contains(&wanted)).map(|(_, value)| value.as_ref())
        };
        let limit = find("limit").map(|limit| ("limit", limit)).or(find("per_page").map(|limit| ("per_page", limit)));
        let limit = limit.map_or(Ok(paging.usual), |(name, limit)| whole(name, limit, 1))?.min(paging.most);
        let page = find("page").map(|page| whole("page", page, 1)).transpose()?;
        let offset = find("offset").map(|offset| whole("offset", offset, 0)).transpose()?;
        let offset = offset.unwrap_or_else(|| page.map_or(0, |page| (page - 1).saturating_mul(limit)));
        let paged = sent.iter().any(|(name, _)| names.contains(&name.as_ref()));
        // An empty one asks for the first page.
        let cursor = find("cursor");
        let by_cursor = cursor.is_some();
        Ok(Self { limit, offset, cursor: cursor.filter(|cursor| !cursor.is_empty()), by_cursor, paged, names })
    }

    fn native(&self) -> Vec<Pair<'static>> {
        let mut native: Vec<Pair<'static>> = Vec::new();
        if let Some(cursor) = self.cursor {
            native.push(("cursor".into(), cursor.to_owned().into()));
        } else if self.offset > 0 {
            native.push(("offset".into(), self.offset.to_string().into()));
        }
        native
    }
}

/// A whole number from `least` on, in its one spelling.
pub fn whole(name: &'static str, value: &str, least: i64) -> Result<i64, Problem> {
    let number = value.parse::<i64>().ok().filter(|number| number.to_string() == value && *number >= least);
    number
        .ok_or_else(|| Problem::parameter(name, "invalid-parameter", format!("must be a whole number from {least} on")))
}
