//! Where a search hit: pieces of the texts it looked into, the hits apart from what is between them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::words::{self, AskedWord, cut};

/// How much of a text is shown, in characters: so much before the first hit, so much in all.
const BEFORE: usize = 60;
const MOST: usize = 240;

/// A text that was found and is not the resource's own.
#[derive(Deserialize)]
pub(super) struct Beside<'a> {
    /// What it is.
    #[serde(borrow)]
    kind: &'a str,
    /// Its id.
    id: Uuid,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// What is shown of where a search hit.
#[derive(Serialize)]
pub(super) struct Hits<'a> {
    #[serde(flatten)]
    beside: BTreeMap<String, Uuid>,
    highlights: BTreeMap<&'a str, Vec<String>>,
}

/// For each member of `texts` with a hit, and what was found beside: its text around the first one, cut into pieces. The
/// first piece is no hit, the second is, the third is none, and so on; pieces may be empty.
pub(super) fn of<'a>(
    members: &[(&'a str, &RawValue)],
    texts: &[&str],
    beside: Option<Beside<'a>>,
    q: &str,
) -> Hits<'a> {
    let asked: Vec<_> = words::asked(q).collect();
    let mut hits = Hits { beside: BTreeMap::new(), highlights: BTreeMap::new() };
    for (name, value) in members {
        if texts.contains(name)
            && let Ok(Some(text)) = serde_json::from_str::<Option<String>>(value.get())
            && let Some(pieces) = pieces(&text, &asked)
        {
            hits.highlights.insert(*name, pieces);
        }
    }
    if let Some(Beside { kind, id, text }) = beside
        && let Some(pieces) = pieces(&text, &asked)
    {
        hits.highlights.insert(kind, pieces);
        hits.beside.insert(format!("{kind}_id"), id);
    }
    hits
}

fn pieces(text: &str, asked: &[AskedWord]) -> Option<Vec<String>> {
    let is_asked = |word: String| asked.iter().any(|asked| asked.fits(&word));
    let mut hits = spans(text).filter(|(from, to)| cut(&text[*from..*to]).all(is_asked)).peekable();
    let first = hits.peek()?.0;
    let start = text[..first].char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let end = text[start..].char_indices().nth(MOST).map_or(text.len(), |(at, _)| start + at);
    let mut pieces = vec![if start > 0 { "…".to_owned() } else { String::new() }];
    let mut at = start;
    for (from, to) in hits.take_while(|(_, to)| *to <= end) {
        if let Some(between) = pieces.last_mut() {
            between.push_str(&text[at..from]);
        }
        pieces.extend([text[from..to].to_owned(), String::new()]);
        at = to;
    }
    if let Some(rest) = pieces.last_mut() {
        rest.push_str(&text[at..end]);
        rest.push_str(if end < text.len() { "…" } else { "" });
    }
    Some(pieces)
}

/// Where the words of a text are.
fn spans(text: &str) -> impl Iterator<Item = (usize, usize)> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(|word| {
        let from = word.as_ptr() as usize - text.as_ptr() as usize;
        (from, from + word.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(text: &str, q: &str) -> Option<Vec<String>> {
        pieces(text, &words::asked(q).collect::<Vec<_>>())
    }

    #[test]
    fn hits_and_what_is_between_take_turns() {
        assert_eq!(
            hits("Fix the Login page: LOGIN!", "login").unwrap(),
            ["Fix the ", "Login", " page: ", "LOGIN", "!"]
        );
        assert_eq!(hits("größe", "GRÖSSE größe").unwrap(), ["", "größe", ""]);
        assert_eq!(hits("The Login page", "log*").unwrap(), ["The ", "Login", " page"]);
        assert_eq!(hits("nothing here", "login"), None);
    }

    #[test]
    fn long_texts_are_cut_around_the_first_hit() {
        let text = format!("{} hit {}", "ä ".repeat(500), "ß ".repeat(500));
        let found = hits(&text, "hit").unwrap();
        assert!(found[0].starts_with('…') && found[2].ends_with('…'));
        assert_eq!(found[1], "hit");
        assert!(found.concat().chars().count() <= MOST + 2);
    }
}
