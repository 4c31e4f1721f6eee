//! The way out: a native document as a product shows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use chrono::{DateTime, Utc};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::dialect::Resource;
use super::field::{Codec, Field};
use super::ids::{IdForm, Ids};
use super::memo::Memo;
use crate::problem::Problem;

/// Bytes that are left for what goes around a list.
const ENVELOPE: usize = 256;

/// A native document: its members, in place.
pub struct Doc<'d> {
    members: Vec<(&'d str, &'d RawValue)>,
    /// Where the member that is asked for next likely is: tables have them in about this order.
    next: AtomicUsize,
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(&'de str, &'de RawValue)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(32);
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

impl<'d> Doc<'d> {
    /// Finds a document's members.
    pub fn read(text: &'d str) -> Result<Self, Problem> {
        let found = serde_json::Deserializer::from_str(text).deserialize_map(Members);
        found.map(|members| Self { members, next: AtomicUsize::new(0) }).map_err(|error| {
            tracing::error!(%error, "a document can't be read");
            Problem::internal()
        })
    }

    /// A member as JSON; `a/b` is the member `b` of the member `a`. None, if there is none or it is null.
    pub fn raw(&self, path: &str) -> Option<&'d str> {
        let raw = match self.member(path) {
            Some(raw) => raw,
            None => {
                let (name, rest) = path.split_once('/')?;
                Self::read(self.member(name)?).ok()?.raw(rest)?
            }
        };
        Some(raw).filter(|raw| *raw != "null")
    }

    fn member(&self, name: &str) -> Option<&'d str> {
        let next = self.next.load(Relaxed);
        let after = (next..self.members.len()).find(|at| self.members[*at].0 == name);
        let at = after.or_else(|| (0..next).find(|at| self.members[*at].0 == name))?;
        self.next.store(at + 1, Relaxed);
        Some(self.members[at].1.get())
    }

    /// A member that is a text without escapes: an id, a word, a time.
    pub fn plain(&self, path: &str) -> Option<&'d str> {
        self.raw(path)?.strip_prefix('"')?.strip_suffix('"')
    }

    /// A member that is a text.
    pub fn text(&self, path: &str) -> Option<String> {
        serde_json::from_str(self.raw(path)?).ok()
    }

    /// A member that is a UUID.
    pub fn uuid(&self, path: &str) -> Option<Uuid> {
        self.plain(path)?.parse().ok()
    }

    /// A member that is a whole number.
    pub fn integer(&self, path: &str) -> Option<i64> {
        self.raw(path)?.parse().ok()
    }

    /// A member that is an instant.
    pub fn instant(&self, path: &str) -> Option<DateTime<Utc>> {
        self.plain(path)?.parse().ok()
    }

    fn uuids(&self, path: &str) -> Vec<Uuid> {
        self.raw(path).and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default()
    }
}

/// A document of a list: in their words already, or still to be said.
enum Element<'d> {
    Said(Arc<str>),
    New(&'d str, Doc<'d>),
}

/// Documents as the elements of a JSON array: put `[` and `]` around them. What a list showed before is known.
pub async fn all<'d>(
    resource: &'static Resource,
    docs: impl Iterator<Item = &'d str>,
    ids: &mut Ids<'_>,
    memo: &Memo,
) -> Result<String, Problem> {
    let (workspace, memorable) = (ids.workspace(), resource.is_memorable());
    let mut room = 0;
    let element = |doc: &'d str| {
        room += doc.len();
        match memo.said(workspace, resource, doc) {
            Some(words) => Ok(Element::Said(words)),
            None => Ok(Element::New(doc, Doc::read(doc)?)),
        }
    };
    let elements: Vec<Element<'_>> = docs.map(element).collect::<Result<_, Problem>>()?;
    let new = || elements.iter().filter_map(|it| if let Element::New(_, doc) = it { Some(doc) } else { None });
    // A number that is unknown may be known tomorrow.
    let is_final = learn(resource, new, ids).await? && memorable;
    let mut text = String::with_capacity(room + ENVELOPE);
    for element in &elements {
        if !text.is_empty() {
            text.push(',');
        }
        match element {
            Element::Said(words) => text.push_str(words),
            Element::New(doc, members) => {
                let start = text.len();
                push_all(&mut text, resource, members, ids);
                if is_final {
                    memo.say(workspace, resource, doc, &text[start..]);
                }
            }
        }
    }
    Ok(text)
}

/// A document as they show it.
pub async fn one(resource: &'static Resource, doc: &str, ids: &mut Ids<'_>) -> Result<String, Problem> {
    let doc = Doc::read(doc)?;
    learn(resource, || std::iter::once(&doc), ids).await?;
    let mut text = String::new();
    push_all(&mut text, resource, &doc, ids);
    Ok(text)
}

/// Finds out the numbers of all that the documents name, where ids are numbers. Whether there is no other.
async fn learn<'d, D: Iterator<Item = &'d Doc<'d>>>(
    resource: &'static Resource,
    docs: impl Fn() -> D,
    ids: &mut Ids<'_>,
) -> Result<bool, Problem> {
    if ids.known.form != IdForm::Number || docs().next().is_none() {
        return Ok(true);
    }
    let mut all_known = true;
    for field in resource.fields.iter().filter(|field| field.shown && field.ours != "id") {
        let named = |doc: &Doc<'_>| match &field.codec {
            Codec::Id(_) => doc.uuid(field.ours).into_iter().collect(),
            Codec::Ids(_) => doc.uuids(field.ours),
            _ => Vec::new(),
        };
        if let Codec::Id(kind) | Codec::Ids(kind) = &field.codec {
            all_known &= ids.learn_ids(kind, docs().flat_map(named).collect()).await?;
        }
    }
    Ok(all_known)
}

fn push_all(text: &mut String, resource: &Resource, doc: &Doc<'_>, ids: &Ids<'_>) {
    let mut before = "{\"";
    for field in resource.fields.iter().filter(|field| field.shown) {
        text.push_str(before);
        text.push_str(field.theirs);
        text.push_str("\":");
        push(text, field, doc, ids);
        before = ",\"";
    }
    text.push('}');
}

fn push(text: &mut String, field: &Field, doc: &Doc<'_>, ids: &Ids<'_>) {
    let shown = match &field.codec {
        Codec::Same => doc.raw(field.ours).map(|raw| text.push_str(raw)),
        Codec::Words(words) => doc.plain(field.ours).and_then(|ours| words.theirs(ours)).map(|word| quote(text, word)),
        // Ours are as they show them.
        Codec::Id(_) | Codec::Ids(_) if ids.known.form == IdForm::Uuid => {
            doc.raw(field.ours).map(|raw| text.push_str(raw))
        }
        // The one id that every document brings its number for.
        Codec::Id(_) if field.ours == "id" && ids.known.form == IdForm::Number => {
            doc.raw("number").map(|raw| text.push_str(raw))
        }
        Codec::Id(kind) => doc.uuid(field.ours).map(|id| text.push_str(&ids.show(kind, id))),
        Codec::Ids(kind) => {
            let shown: Vec<_> = doc.uuids(field.ours).into_iter().map(|id| ids.show(kind, id)).collect();
            let known = shown.iter().map(String::as_str).filter(|id| *id != "null").collect::<Vec<_>>();
            text.push_str(&["[", &known.join(","), "]"].concat());
            Some(())
        }
        Codec::Seconds => doc.plain(field.ours).map(|time| quote(text, &seconds(time))),
        Codec::Millis => doc.plain(field.ours).map(|time| quote(text, &millis(time))),
        Codec::Html => doc.text(field.ours).map(|markdown| {
            text.push_str(&serde_json::to_string(&html(&markdown)).unwrap_or_default());
        }),
        Codec::Flag(yes, no) => doc.raw(field.ours).map(|raw| quote(text, if raw == "true" { yes } else { no })),
        Codec::Made(make, _) => {
            text.push_str(&make(doc));
            Some(())
        }
    };
    if shown.is_none() {
        text.push_str(field.absent);
    }
}

fn quote(text: &mut String, word: &str) {
    text.push('"');
    text.push_str(word);
    text.push('"');
}

/// A native time to the second.
pub fn seconds(time: &str) -> String {
    [time.get(..19).unwrap_or(time), "Z"].concat()
}

/// A native time to the millisecond.
pub fn millis(time: &str) -> String {
    let fraction = time.get(20..23).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
    [time.get(..19).unwrap_or(time), ".", fraction.unwrap_or("000"), "Z"].concat()
}

/// Markdown as HTML that runs nothing.
fn html(markdown: &str) -> String {
    // Most texts are one plain paragraph, and need neither a parser nor a sanitiser.
    let is_plain = |c: char| c.is_alphanumeric() || " ,;?()'/.:-".contains(c);
    if markdown.starts_with(char::is_alphabetic) && !markdown.ends_with(' ') && markdown.chars().all(is_plain) {
        return format!("<p>{markdown}</p>");
    }
    parsed(markdown)
}

fn parsed(markdown: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(markdown));
    ammonia::clean(html.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_cut_and_never_rounded() {
        let time = "2026-01-14T09:32:00.999999Z";
        assert_eq!(
            (seconds(time).as_str(), millis(time).as_str()),
            ("2026-01-14T09:32:00Z", "2026-01-14T09:32:00.999Z")
        );
        assert_eq!(millis("2026-01-14T09:32:00Z"), "2026-01-14T09:32:00.000Z");
    }

    #[test]
    fn members_are_found_in_place() {
        let doc =
            Doc::read(r#"{"a":1,"b":{"c":"x"},"d":null,"e":["6f1f2d1c-6c1a-4c0e-9d51-0e2f6a3f6a55"]}"#).expect("read");
        assert_eq!(
            (doc.integer("a"), doc.plain("b/c"), doc.raw("d"), doc.raw("b/z")),
            (Some(1), Some("x"), None, None)
        );
        assert_eq!(doc.uuids("e").len(), 1);
    }

    #[test]
    fn html_runs_nothing() {
        assert_eq!(html("Enable **SAML**."), "<p>Enable <strong>SAML</strong>.</p>");
        for plain in ["Enable SAML.", "It's on: a - b", "Version 2.0 (new), or 3?"] {
            assert_eq!(html(plain), parsed(plain), "{plain}");
        }
        let hostile = html("<script>alert(1)</script>[x](javascript:alert(1)) <img src=x onerror=alert(1)>");
        for dangerous in ["<script", "href=\"javascript", "onerror"] {
            assert!(!hostile.contains(dangerous), "{hostile}");
        }
    }
}
