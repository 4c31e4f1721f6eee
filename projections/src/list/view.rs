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
    /// Whether it is a list.
    pub many: bool,
    /// What they are.
    pub list: fn() -> &'static List,
}

impl Expand {
    /// The one whose id is in the member `by`; null if there is none.
    pub(crate) const fn one(name: &'static str, by: &'static str, list: fn() -> &'static List) -> Self {
        Self { name, by, many: false, list }
    }

    /// Those whose ids are in the list `by`, in that order.
    pub(crate) const fn many(name: &'static str, by: &'static str, list: fn() -> &'static List) -> Self {
        Self { name, by, many: true, list }
    }

    /// The member's value for a document `page.doc`, as an expression.
    fn value(&self) -> String {
        let List { from, only, doc, .. } = (self.list)();
        let (by, doc) = (self.by, doc());
        if self.many {
            return format!(
                "(select '[' || coalesce(string_agg({doc}, ',' order by e.at), '') || ']' \
                 from json_array_elements_text(page.doc::json->'{by}') with ordinality e(id, at) \
                 join {from} on d.workspace = $1::uuid and d.id = e.id::uuid where {only})"
            );
        }
        format!(
            "coalesce((select {doc} from {from} where d.workspace = $1::uuid \
             and d.id = (page.doc::json->>'{by}')::uuid and {only}), 'null')"
        )
    }
}

/// A document `page.doc` with what is to be within it, as an expression.
fn doc_of(view: &View) -> String {
    let more: Vec<_> =
        view.expand.iter().map(|expand| format!("',\"{}\":' || {}", expand.name, expand.value())).collect();
    format!("left(page.doc, -1) || {} || '}}'", more.join(" || "))
}

/// A page's rows with what is to be within each document.
pub(super) fn expanded(view: &View, asked: &Asked, answer: &str) -> String {
    if view.expand.is_empty() {
        return answer.to_owned();
    }
    let rank = if asked.is_ranked() { ", page.rank" } else { "" };
    format!("select {} as doc{rank} from ({answer}) page", doc_of(view))
}

/// The same for a row of (version, doc).
pub(super) fn expanded_one(view: &View, answer: &str) -> String {
    if view.expand.is_empty() {
        return answer.to_owned();
    }
    format!("select page.version, {} as doc from ({answer}) page", doc_of(view))
}

/// A document as the query wants it shown.
pub(super) fn dressed(doc: &str, asked: &Asked) -> Result<String, Error> {
    let mut shown = shown(doc, &asked.query.view)?;
    if let (Some(q), Some(texts)) = (&asked.query.q, asked.list.searched) {
        let hits = highlight::of(doc, texts, q)?;
        shown.pop();
        shown.push_str(if shown.len() > 1 { ",\"highlights\":" } else { "\"highlights\":" });
        shown.push_str(&hits);
        shown.push('}');
    }
    Ok(shown)
}

/// The members of a document that the view names, with what it has within.
pub(super) fn shown(doc: &str, view: &View) -> Result<String, Error> {
    let Some(fields) = &view.fields else { return Ok(doc.to_owned()) };
    let wanted = |name: &str| fields.contains(&name) || view.expand.iter().any(|expand| expand.name == name);
    let members = members(doc)?.into_iter().filter(|(name, _)| wanted(name));
    let members: Vec<_> = members.map(|(name, value)| format!("\"{name}\":{}", value.get())).collect();
    Ok(format!("{{{}}}", members.join(",")))
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
