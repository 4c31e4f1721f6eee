//! Search words: how text is cut into them, the same for what is stored and for what is asked, and independent of the
//! database's locale. A word is a run of letters and digits, in lower case.

use std::collections::BTreeMap;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// Longer words are cut here: nobody types more.
const LONGEST: usize = 40;
/// How many different words of one text can be found.
const MOST: usize = 4_000;
/// How many words of a question count.
const MOST_ASKED: usize = 16;
/// Fewer letters than this are no beginning worth looking for.
const LEAST_BEGINNING: usize = 2;

/// Later places than this are not told apart: what a `tsvector` can hold.
const FARTHEST: usize = (1 << 14) - 1;
/// What the first text of a document weighs, the second, and all others: A, B, C in PostgreSQL's words.
const WEIGHTS: [u16; 3] = [3, 2, 1];

/// What stands before the words of the first text, where they are there once more. The functions in the migrations say the
/// same.
const FIRST: char = '^';

/// So many rows, by their numbers, are a block (as a power of two): an index of all tenants' words is asked for one block
/// of one tenant at a time, the newest first. The functions in the migrations say the same.
const BLOCK: u32 = 13;

/// The words of a document, as a `tsvector`: of each word, the first place in each text, so that what stands in the first
/// text, or close together, ranks first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words(Vec<(String, Vec<u16>)>);

impl Words {
    /// The words of these texts, the most telling text first.
    pub(crate) fn of(texts: &[&str]) -> Self {
        let all = texts.iter().enumerate().flat_map(|(text, words)| cut(words).map(move |word| (text, word)));
        let mut words: BTreeMap<String, Vec<(usize, u16)>> = BTreeMap::new();
        for (at, (text, word)) in all.take(MOST).enumerate() {
            let places = words.entry(word).or_default();
            if places.last().is_none_or(|(last, _)| *last != text) {
                let weight = WEIGHTS[text.min(WEIGHTS.len() - 1)];
                places.push((text, weight << 14 | (at + 1).min(FARTHEST) as u16));
            }
        }
        let places = |places: Vec<(usize, u16)>| places.into_iter().map(|(_, place)| place).collect();
        Self(words.into_iter().map(|(word, all)| (word, places(all))).collect())
    }

    /// The same, each word as its tenant's own, those of the first text once more with a mark, and the block of the row as one
    /// more, which no text has: so the index itself keeps tenants apart, and blocks, and knows what titles say.
    #[must_use]
    pub(crate) fn in_block_of(mut self, tenant: Uuid, number: i64) -> Self {
        let tag = tag(tenant);
        let is_first = |places: &[u16]| places.iter().any(|place| place >> 14 == WEIGHTS[0]);
        let first = self.0.iter().filter(|(_, places)| is_first(places)).map(|(word, _)| format!("{FIRST}{word}"));
        let first: Vec<_> = first.collect();
        self.0.extend(first.into_iter().map(|word| (word, Vec::new())));
        for (word, _) in &mut self.0 {
            word.insert_str(0, &tag);
        }
        self.0.push((format!("{tag}.{}", number >> BLOCK), Vec::new()));
        self.0.sort_unstable();
        self
    }
}

/// What the words of a tenant begin with where all tenants' are in one index: enough of its id to be hardly another's. (Whose
/// a row is, is looked at as well.)
fn tag(tenant: Uuid) -> String {
    format!("{:08x}", tenant.as_fields().0)
}

/// A word of a question: `login`, or `log*` for all that begin so.
#[derive(Debug)]
pub(crate) struct AskedWord {
    word: String,
    is_beginning: bool,
}

impl AskedWord {
    /// Whether a word of a text is what is asked for.
    pub(crate) fn fits(&self, word: &str) -> bool {
        if self.is_beginning { word.starts_with(&self.word) } else { word == self.word }
    }
}

/// The `tsquery` that finds the texts with all words of `question`, in an index of all tenants' words those of this tenant;
/// `None` when it has no words.
pub(crate) fn query(question: &str, tenant: Option<Uuid>) -> Option<String> {
    let tag = tenant.map(tag).unwrap_or_default();
    let term = |asked: AskedWord| format!("'{tag}{}'{}", asked.word, if asked.is_beginning { ":*" } else { "" });
    let words: Vec<_> = asked(question).map(term).collect();
    (!words.is_empty()).then(|| words.join(" & "))
}

/// The words of a question that count.
pub(crate) fn asked(question: &str) -> impl Iterator<Item = AskedWord> {
    let mut rest = question;
    let words = std::iter::from_fn(move || {
        let word = &rest[rest.find(char::is_alphanumeric)?..];
        let (word, behind) = word.split_at(word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len()));
        rest = behind;
        let is_beginning = behind.starts_with('*') && word.chars().nth(LEAST_BEGINNING - 1).is_some();
        cut(word).next().map(|word| AskedWord { word, is_beginning })
    });
    words.take(MOST_ASKED)
}

/// The words of a text, in order.
pub(crate) fn cut(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).take(LONGEST).collect())
}

impl ToSql for Words {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.put_u32(u32::try_from(self.0.len())?);
        for (word, places) in &self.0 {
            out.put_slice(word.as_bytes());
            out.put_u8(0);
            out.put_u16(u16::try_from(places.len())?);
            for place in places {
                out.put_u16(*place);
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::TS_VECTOR
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_the_same_way_for_storing_and_asking() {
        let tenant = Uuid::from_u128(0x0a0b_0c0d << 96 | 7);
        let words = Words::of(&["Größe: fix Login-Page", "fix"]).in_block_of(tenant, 8_192);
        let found: Vec<_> = words.0.iter().map(|(word, places)| (word.as_str(), places.as_slice())).collect();
        let (title, text) = (3 << 14, 2 << 14);
        let expected: [(&str, &[u16]); 9] = [
            ("0a0b0c0d.1", &[]),
            ("0a0b0c0d^fix", &[]),
            ("0a0b0c0d^größe", &[]),
            ("0a0b0c0d^login", &[]),
            ("0a0b0c0d^page", &[]),
            ("0a0b0c0dfix", &[title | 2, text | 5]),
            ("0a0b0c0dgröße", &[title | 1]),
            ("0a0b0c0dlogin", &[title | 3]),
            ("0a0b0c0dpage", &[title | 4]),
        ];
        assert_eq!(found, expected);
        assert_eq!(query("LOGIN, größe!", Some(tenant)).as_deref(), Some("'0a0b0c0dlogin' & '0a0b0c0dgröße'"));
        assert_eq!(query("LOGIN, größe!", None).as_deref(), Some("'login' & 'größe'"));
        assert_eq!(query(" -- '') ; drop", None), Some("'drop'".to_owned()));
        assert_eq!(query("\u{0}!?", Some(tenant)), None);
    }

    #[test]
    fn a_star_asks_for_a_beginning() {
        assert_eq!(query("fix LOG*", None).as_deref(), Some("'fix' & 'log':*"));
        assert_eq!(
            query("l* *log lo *", None).as_deref(),
            Some("'l' & 'log' & 'lo'"),
            "too short, before it, apart from it"
        );
        let asked: Vec<_> = asked("grö* fix").collect();
        assert!(asked[0].fits("größe") && !asked[0].fits("gr") && !asked[1].fits("fixed"));
    }
}
