//! Pages of a list: where one starts, and what it holds.

/// Most documents a page may have.
pub const MOST: i64 = 200;

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageQuery {
    /// At most so many documents, 1 to [`MOST`].
    pub limit: i64,
    /// Where it starts.
    pub start: Start,
}

impl Default for PageQuery {
    fn default() -> Self {
        Self { limit: 50, start: Start::First }
    }
}

/// Where a page starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the beginning.
    First,
    /// After the last document of the page that gave this cursor.
    After(String),
    /// After so many documents. The deeper, the slower: prefer cursors.
    Offset(i64),
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The documents.
    pub docs: Docs,
    /// Where the next page starts, if there is one.
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// How many documents the whole list has.
    pub total: i64,
    /// Whether it has no more than that: a search that has found enough does not look any further.
    pub total_is_exact: bool,
    /// How well each fits, if that is what they are ordered by.
    pub ranks: Vec<f32>,
}

/// Between two documents.
const SEPARATOR: &str = ",";

/// The documents of a page: JSON texts, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Docs {
    joined: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Docs {
    /// Adds one of about so many.
    pub(crate) fn push(&mut self, doc: &str, expected: usize) {
        if self.ends.is_empty() {
            self.joined.reserve(expected * (doc.len() + doc.len() / 4 + SEPARATOR.len()));
            self.ends.reserve(expected);
        } else {
            self.joined.push_str(SEPARATOR);
        }
        self.joined.push_str(doc);
        self.ends.push(self.joined.len());
    }

    /// The elements of a JSON array: put `[` and `]` around them.
    pub fn joined(&self) -> &str {
        &self.joined
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Each by itself.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| end + SEPARATOR.len()));
        starts.zip(&self.ends).map(|(start, end)| &self.joined[start..*end])
    }

    /// The last one.
    pub fn last(&self) -> Option<&str> {
        self.iter().last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_kept_apart() {
        let mut docs = Docs::default();
        assert_eq!((docs.iter().count(), docs.last(), docs.joined(), docs.is_empty()), (0, None, "", true));
        for doc in ["{\"a\":\",\\n\"}", "{}", "{\"b\":2}"] {
            docs.push(doc, 3);
        }
        assert_eq!(docs.iter().collect::<Vec<_>>(), ["{\"a\":\",\\n\"}", "{}", "{\"b\":2}"]);
        assert_eq!((docs.len(), docs.last()), (3, Some("{\"b\":2}")));
        assert_eq!(format!("[{}]", docs.joined()), "[{\"a\":\",\\n\"},{},{\"b\":2}]");
    }
}
