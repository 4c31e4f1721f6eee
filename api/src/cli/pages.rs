//! Lists, page by page.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::client::Client;

/// A page of a list.
#[derive(Deserialize)]
pub struct Page<T> {
    /// Its resources.
    pub data: Vec<T>,
    /// How many there are on all pages, where that is known.
    #[serde(default)]
    pub total: Option<u64>,
    next_cursor: Option<String>,
}

/// What is still to be read of a list.
pub struct Pages<'a> {
    client: &'a Client,
    path: &'a str,
    query: Vec<(&'static str, String)>,
    cursor: Cursor,
}

enum Cursor {
    Start,
    After(String),
    End,
}

/// Resources per page: the most the API gives.
const LIMIT: usize = 200;

impl<'a> Pages<'a> {
    /// The pages of a list with these filters.
    pub fn new(client: &'a Client, path: &'a str, mut query: Vec<(&'static str, String)>) -> Self {
        query.push(("limit", LIMIT.to_string()));
        Self { client, path, query, cursor: Cursor::Start }
    }

    /// The next page; none after the last.
    pub async fn next<T: DeserializeOwned>(&mut self) -> anyhow::Result<Option<Page<T>>> {
        let mut query = self.query.clone();
        match &self.cursor {
            Cursor::Start => {}
            Cursor::After(cursor) => query.push(("cursor", cursor.clone())),
            Cursor::End => return Ok(None),
        }
        let mut page: Page<T> = self.client.read(self.path, &query).await?.json()?;
        self.cursor = page.next_cursor.take().map_or(Cursor::End, Cursor::After);
        Ok(Some(page))
    }
}
