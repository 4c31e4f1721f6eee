//! How much of each resource is shown: only some members, other resources within it, where a search hit.

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Asked, List, View, highlight};
use crate::Error;

/// Other resources that can be shown within one; deleted ones too, as long as it refers to them.
#[derive(Debug)]
pub struct Expand {
    /// The member they are shown as.
    pub name: &'static str,
    /// The member that holds their id, or a list of their ids.
    pub(crate) by: &'static str,
    /// The table of what that is the id of, and the column of it that holds theirs, if it is not theirs itself.
    pub(crate) of_its: Option<(&'static str, &'static str)>,
    /// Whether it is a list.
    pub many: bool,
    /// What they are.
    pub list: fn() -> &'static List,
}

impl Expand {
    /// The one whose id is in the member `by` (or `of,by`: within a member); null if there is none.
    pub(crate) const fn one(name: &'static str, by: &'static str, list: fn() -> &'static List) -> Self {
        Self { name, by, of_its: None, many: false, list }
    }

    /// The one that a row of `of_its` table refers to in its column, whose id is in the member `by`.
    pub(crate) const fn of_its(
        name: &'static str,
        by: &'static str,
        of_its: (&'static str, &'static str),
        list: fn() -> &'static List,
    ) -> Self {
        Self { of_its: Some(of_its), ..Self::one(name, by, list) }
    }

    /// The member who made it; null if that was somebody else.
    pub(crate) const fn creator() -> Self {
        Self::one("creator", "created_by,id", || &crate::members::MEMBERS)
    }

    /// Those whose ids are in the list `by`, in that order.
    pub(crate) const fn many(name: &'static str, by: &'static str, list: fn() -> &'static List) -> Self {
        Self { many: true, ..Self::one(name, by, list) }
    }

    /// The ids of those that a row of `page` names, as an expression.
    fn named(&self) -> String {
        let by = self.by;
        if self.many {
            return format!("array(select json_array_elements_text(page.doc::json->'{by}'))::uuid[]");
        }
        let id = format!("(page.doc::json #>> '{{{by}}}')::uuid");
        match self.of_its {
            Some((table, column)) => {
                format!("array(select o.{column} from {table} o where o.workspace = $1::uuid and o.id = {id})")
            }
            None => format!("array[{id}]"),
        }
    }

    /// The resources that rows of `page` name in their column `named`, each made once however many name it.
    fn found(&self, named: &str, past: bool) -> String {
        let list = (self.list)();
        let List { from, only, .. } = list;
        let doc = list.doc(past);
        format!(
            "select d.id, {doc} as doc from {from} where d.workspace = $1::uuid \
             and d.id = any (array(select distinct unnest({named}) from page)) and {only}"
        )
    }

    /// The member's value for a row of `page`, as an expression.
    fn value(&self, named: &str, found: &str) -> String {
        if self.many {
            return format!(
                "(select '[' || coalesce(string_agg({found}.doc, ',' order by e.at), '') || ']' \
                 from unnest(page.{named}) with ordinality e(id, at) join {found} on {found}.id = e.id)"
            );
        }
        format!("coalesce((select {found}.doc from {found} where {found}.id = page.{named}[1]), 'null')")
    }
}

/// `first` and each document of an answer with what is to be within it.
fn with_expanded(view: &View, answer: &str, first: &str, last: &str) -> String {
    let (mut named, mut found, mut more) = (Vec::new(), Vec::new(), Vec::new());
    for (at, expand) in view.expand.iter().enumerate() {
        let (ids, docs) = (format!("named_{at}"), format!("found_{at}"));
        named.push(format!(", {} as {ids}", expand.named()));
        found.push(format!(", {docs} as materialized ({})", expand.found(&ids, view.as_of.is_some())));
        more.push(format!(" || ',\"{}\":' || {}", expand.name, expand.value(&ids, &docs)));
    }
    let (named, found, more) = (named.concat(), found.concat(), more.concat());
    format!(
        "with page as materialized (select page.*{named} from ({answer}) page){found} \
         select {first}left(page.doc, -1){more} || '}}' as doc{last} from page"
    )
}

/// A page's rows with what is to be within each document.
pub(super) fn expanded(view: &View, asked: &Asked, answer: &str) -> String {
    if view.expand.is_empty() {
        return answer.to_owned();
    }
    with_expanded(view, answer, "", if asked.is_ranked() { ", page.rank" } else { "" })
}

/// The same for a row of (version, doc).
pub(super) fn expanded_one(view: &View, answer: &str) -> String {
    if view.expand.is_empty() {
        return answer.to_owned();
    }
    with_expanded(view, answer, "page.version, ", "")
}

/// A document as the query wants it shown.
pub(super) fn dressed(doc: &str, asked: &Asked) -> Result<String, Error> {
    let (Some(q), Some(texts)) = (&asked.query.q, asked.list.searched) else { return shown(doc, &asked.query.view) };
    let bug = |error: serde_json::Error| Error::Bug(error.to_string());
    let mut all = members(doc)?;
    let beside = all.iter().position(|(name, _)| *name == BESIDE).map(|at| all.remove(at).1.get());
    let beside = beside.map(serde_json::from_str).transpose().map_err(bug)?;
    let hits = serde_json::to_string(&highlight::of(&all, texts, beside, q)).map_err(bug)?;
    let shown = only(all, &asked.query.view);
    Ok(format!("{{{shown}{}{}", if shown.is_empty() { "" } else { "," }, &hits[1..]))
}

/// The member in which a document carries what was found beside it.
pub(super) const BESIDE: &str = "found beside";

/// A page's document with what was found beside it, as an expression; null is nothing.
pub(super) fn with_beside(doc: &str, found: &str) -> String {
    format!("left({doc}, -1) || coalesce(',\"{BESIDE}\":' || {found}, '') || '}}'")
}

/// The members of a document that the view names, with what it has within.
pub(crate) fn shown(doc: &str, view: &View) -> Result<String, Error> {
    match view.fields {
        None => Ok(doc.to_owned()),
        Some(_) => Ok(format!("{{{}}}", only(members(doc)?, view))),
    }
}

/// Those of these members that the view names, joined.
fn only(members: Vec<(&str, &RawValue)>, view: &View) -> String {
    let is_named =
        |fields: &Vec<&str>, name: &str| fields.contains(&name) || view.expand.iter().any(|expand| expand.name == name);
    let wanted = |name: &str| view.fields.as_ref().is_none_or(|fields| is_named(fields, name));
    let members = members.into_iter().filter(|(name, _)| wanted(name));
    members.map(|(name, value)| format!("\"{name}\":{}", value.get())).collect::<Vec<_>>().join(",")
}

/// The members of a document, in order.
pub(super) fn members(doc: &str) -> Result<Vec<(&str, &RawValue)>, Error> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(&'de str, &'de RawValue)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    let read = serde_json::Deserializer::from_str(doc).deserialize_map(Members);
    read.map_err(|error| Error::Bug(format!("a stored document: {error}")))
}
