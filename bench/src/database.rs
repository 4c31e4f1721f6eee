//! Connections to the database.

use std::ops::Deref;

use anyhow::{Context, Result};
use tokio_postgres::{Client, NoTls};

/// A connection, driven by the calling thread's runtime.
pub struct Database {
    client: Client,
    url: String,
}

impl Database {
    /// Connects to `postgres://…`.
    pub async fn connect(url: &str) -> Result<Self> {
        let (client, connection) =
            tokio_postgres::connect(url, NoTls).await.context("cannot connect to the database")?;
        tokio::spawn(connection);
        Ok(Self { client, url: url.to_owned() })
    }

    /// Another connection to the same database.
    pub async fn another(&self) -> Result<Self> {
        Self::connect(&self.url).await
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs statements that answer nothing.
    pub async fn batch(&self, statements: &str) -> Result<()> {
        self.client.batch_execute(statements).await.with_context(|| format!("the database refuses: {statements}"))
    }

    /// The one number that a query answers.
    pub async fn number(&self, query: &str) -> Result<i64> {
        let row = self.client.query_one(query, &[]).await.with_context(|| format!("the database refuses: {query}"))?;
        Ok(row.try_get(0)?)
    }

    /// The one text that a query answers.
    pub async fn text(&self, query: &str) -> Result<String> {
        let row = self.client.query_one(query, &[]).await.with_context(|| format!("the database refuses: {query}"))?;
        Ok(row.try_get(0)?)
    }
}

impl Deref for Database {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}
