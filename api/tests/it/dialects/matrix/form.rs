//! How what we say is said by others.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::hostile::things::prefixed;

/// How a member is said.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// As we do.
    Same,
    /// With a word for a word.
    Word(Words),
    /// As the id of something, or the ids, in the API's own spelling.
    Id,
    /// An instant to the second.
    Seconds,
    /// To the millisecond.
    Millis,
    /// Markdown as HTML.
    Html,
}

/// Pairs of our word and theirs, which may be nothing; of several of ours, the first is what theirs means.
type Words = &'static [(&'static str, &'static str)];

const WORDS: &[(&str, Words)] = &[
    (
        "four",
        &[
            ("todo", "pending"),
            ("backlog", "pending"),
            ("in_progress", "progress"),
            ("in_review", "qa"),
            ("done", "done"),
            ("cancelled", "done"),
            ("duplicate", "done"),
        ],
    ),
    ("spanish", &[("none", ""), ("low", "baja"), ("medium", "media"), ("high", "alta"), ("urgent", "urgente")]),
    ("or_nothing", &[("none", "")]),
    ("camel", &[("todo", "toDo"), ("in_progress", "inProgress"), ("in_review", "inReview")]),
    (
        "spaced",
        &[
            ("backlog", "Backlog"),
            ("todo", "To Do"),
            ("in_progress", "In Progress"),
            ("in_review", "In Review"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
            ("duplicate", "Duplicate"),
        ],
    ),
    ("completed", &[("done", "completed")]),
    (
        "two_roles",
        &[("admin", "admin"), ("owner", "admin"), ("member", "member"), ("manager", "member"), ("viewer", "member")],
    ),
];

impl Form {
    pub fn named(name: &str) -> Self {
        match name {
            "" => Self::Same,
            "id" | "ids" => Self::Id,
            "seconds" => Self::Seconds,
            "millis" => Self::Millis,
            "html" => Self::Html,
            _ => Self::Word(WORDS.iter().find(|(word, _)| *word == name).unwrap_or_else(|| panic!("{name}")).1),
        }
    }

    /// What they say for what we say. The numbers are those of everything that has an id.
    pub fn theirs(self, api: &str, name: &str, ours: &Value, numbers: &HashMap<String, i64>) -> Value {
        match (self, ours) {
            (_, Value::Null) | (Self::Same, _) => ours.clone(),
            (Self::Id, Value::Array(all)) => all.iter().map(|one| self.theirs(api, name, one, numbers)).collect(),
            (Self::Id, id) => spelled(api, name, id.as_str().expect("an id"), numbers),
            (Self::Word(words), word) => {
                let word = word.as_str().expect("a word");
                let theirs = words.iter().find(|(ours, _)| *ours == word).map_or(word, |(_, theirs)| theirs);
                if theirs.is_empty() { Value::Null } else { json!(theirs) }
            }
            (Self::Seconds, time) => json!(format!("{}Z", &time.as_str().expect("a time")[..19])),
            (Self::Millis, time) => json!(format!("{}Z", &time.as_str().expect("a time")[..23])),
            (Self::Html, text) => json!(format!("<p>{}</p>", text.as_str().expect("a text"))),
        }
    }

    /// What they mean who say that: for those who say less than we do, the first thing.
    pub fn meant(self, ours: &Value, theirs: &Value) -> Value {
        let Self::Word(words) = self else { return ours.clone() };
        let said = theirs.as_str().unwrap_or_default();
        words.iter().find(|(_, word)| *word == said).map_or_else(|| ours.clone(), |(ours, _)| json!(ours))
    }
}

/// An id as an API spells it: of a kind, or of what a member is called after.
pub fn spelled(api: &str, name: &str, id: &str, numbers: &HashMap<String, i64>) -> Value {
    let kind = match name.trim_end_matches('s').trim_end_matches("_id") {
        "assignee" => "member",
        kind => kind,
    };
    match api {
        "ikreo" => json!(numbers[id]),
        "generic" => json!(prefixed(kind, id).unwrap_or_else(|| panic!("{name}"))),
        _ => json!(id),
    }
}
