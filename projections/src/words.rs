//! Search words: how text is cut into them, the same for what is stored and for what is asked, and independent of the
//! database's locale. A word is a run of letters and digits, in lower case.

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// Longer words are cut here: nobody types more.
const LONGEST: usize = 40;
/// How many different words of one text can be found.
const MOST: usize = 4_000;
/// How many words of a question count.
const MOST_ASKED: usize = 16;

/// The words of a text with its tenant, as a `tsvector` without positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words(Vec<String>);

impl Words {
    /// The words of these texts of one tenant.
    pub(crate) fn of(tenant: Uuid, texts: &[&str]) -> Self {
        let mut words: Vec<String> = texts.iter().flat_map(|text| cut(text)).take(MOST).collect();
        words.push(format!("ws{}", tenant.simple()));
        words.sort_unstable();
        words.dedup();
        Self(words)
    }
}

/// The `tsquery` that finds the texts with all words of `question`; `None` when it has no words.
pub(crate) fn query(question: &str) -> Option<String> {
    let words: Vec<_> = cut(question).take(MOST_ASKED).map(|word| format!("'{word}'")).collect();
    (!words.is_empty()).then(|| words.join(" & "))
}

fn cut(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).take(LONGEST).collect())
}

impl ToSql for Words {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.put_u32(u32::try_from(self.0.len())?);
        for word in &self.0 {
            out.put_slice(word.as_bytes());
            out.put_u8(0);
            out.put_u16(0);
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
        let words = Words::of(Uuid::nil(), &["Größe: fix Login-Page", "fix"]);
        assert_eq!(words.0, ["fix", "größe", "login", "page", "ws00000000000000000000000000000000"]);
        assert_eq!(query("LOGIN, größe!").as_deref(), Some("'login' & 'größe'"));
        assert_eq!(query(" -- '') ; drop"), Some("'drop'".to_owned()));
        assert_eq!(query("\u{0}!?"), None);
    }
}
