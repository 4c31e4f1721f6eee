//! An answer, as far as it has to be the same.

use reqwest::header::{CONTENT_LENGTH, DATE};
use serde_json::Value;

use crate::server::Answer;

/// Stands for the name that was asked for.
const X: &str = "$X";

/// An answer without its date and without the name that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    /// Of what has been written, ids and times differ each time: of that, the shape counts.
    pub fn new(answer: &Answer, writes: bool, name: &str) -> Self {
        let written = writes && answer.status.is_success();
        let skipped = |header: &str| {
            header == DATE || header == CONTENT_LENGTH || (written && ["location", "docket-position"].contains(&header))
        };
        let headers = answer.headers.iter().filter(|(header, _)| !skipped(header.as_str()));
        let text = |value: &str| without(value, name);
        Self {
            status: answer.status.as_u16(),
            headers: headers.map(|(name, value)| (name.to_string(), text(value.to_str().unwrap_or("?")))).collect(),
            body: if written { shape(&answer.json()) } else { without_cursor(&text(&answer.text)) },
        }
    }
}

/// The text with `X` for a name, where that is not part of something longer, like a time.
fn without(text: &str, name: &str) -> String {
    let (mut rest, mut out) = (text, String::with_capacity(text.len()));
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let is_whole = !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
        out.extend([before, if is_whole { X } else { name }]);
        rest = after;
    }
    out + rest
}

/// The text without the cursor to the next page, which follows from the query and so from the name that is asked for.
fn without_cursor(text: &str) -> String {
    let mark = ["\"next_cursor\":\"", "\"nextCursor\":\""].into_iter().find(|mark| text.contains(mark));
    let Some((before, after)) = mark.and_then(|mark| text.split_once(mark)) else { return text.to_owned() };
    let rest = after.split_once('"').map_or(after, |(_, rest)| rest);
    format!("{before}\"$CURSOR\"{rest}")
}

/// The names of all members, and nothing of what they say.
fn shape(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}:{}", shape(value))).collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(all) => format!("[{}]", all.iter().map(shape).collect::<Vec<_>>().join(",")),
        Value::Null => "null".to_owned(),
        _ => "_".to_owned(),
    }
}
