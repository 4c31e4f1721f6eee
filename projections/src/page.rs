//! Pages of a list: where one starts, and what it holds.

use crate::Error;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The documents.
    pub docs: Docs,
    /// Where the next page starts, if there is one.
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// How many documents the whole list has.
    pub total: i64,
}

/// Between two documents. No document has a line break of its own: JSON escapes those within strings.
pub(crate) const SEPARATOR: &str = ",\n";

/// The documents of a page: JSON texts, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Docs {
    joined: String,
    count: usize,
}

impl Docs {
    /// The elements of a JSON array: put `[` and `]` around them.
    pub fn joined(&self) -> &str {
        &self.joined
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Each by itself.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.joined.split(SEPARATOR).filter(|doc| !doc.is_empty())
    }

    fn last(&self) -> Option<&str> {
        self.joined.rsplit(SEPARATOR).next()
    }
}

impl Page {
    /// A page of at most `limit` of these documents; one more says that there is more. `cursor` makes the cursor of the
    /// last one.
    pub(crate) fn new(
        mut joined: String,
        count: i64,
        limit: i64,
        total: i64,
        cursor: impl FnOnce(&str) -> Result<String, Error>,
    ) -> Result<Self, Error> {
        let has_more = count > limit;
        if has_more && let Some(end) = joined.rfind(SEPARATOR) {
            joined.truncate(end);
        }
        let docs = Docs { joined, count: usize::try_from(count.min(limit)).unwrap_or(0) };
        let next_cursor = match docs.last() {
            Some(last) if has_more => Some(cursor(last)?),
            _ => None,
        };
        Ok(Self { docs, next_cursor, has_more, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_document_too_many_says_that_there_is_more() {
        let page = Page::new("{\"a\":1},\n{\"a\":2},\n{\"a\":3}".to_owned(), 3, 2, 9, |last| Ok(last.to_owned())).unwrap();
        assert_eq!(page.docs.joined(), "{\"a\":1},\n{\"a\":2}");
        assert_eq!(page.docs.iter().collect::<Vec<_>>(), ["{\"a\":1}", "{\"a\":2}"]);
        assert_eq!((page.has_more, page.next_cursor.as_deref(), page.total), (true, Some("{\"a\":2}"), 9));
    }

    #[test]
    fn a_last_page_has_no_cursor() {
        let page = Page::new("{}".to_owned(), 1, 2, 1, |_| unreachable!()).unwrap();
        assert_eq!((page.has_more, page.next_cursor, page.docs.len()), (false, None, 1));
        let page = Page::new(String::new(), 0, 2, 0, |_| unreachable!()).unwrap();
        assert_eq!((page.docs.iter().count(), page.docs.is_empty()), (0, true));
    }
}
