//! L3: a query alone, prepared, without HTTP, without a tenant to set.

use std::time::Instant;

use anyhow::{Context, Result};
use tokio_postgres::types::ToSql;

use crate::database::Database;
use crate::load::{Outcome, Span, measured};

/// The parameters of one execution.
pub type Parameters = Vec<Box<dyn ToSql + Sync>>;

/// A query and what to ask it.
pub struct Query<'a> {
    /// The SQL; its first column is text.
    pub sql: &'a str,
    /// The parameters of the `n`th execution.
    pub parameters: &'a dyn Fn(u64) -> Parameters,
    /// How many rows each execution must answer.
    pub rows: usize,
}

impl Query<'_> {
    /// Runs it over so many connections at once, as the role that row-level security lets pass.
    pub async fn run(&self, database: &Database, connections: usize, span: Span) -> Result<Outcome> {
        let mut clients = Vec::with_capacity(connections);
        for _ in 0..connections {
            let client = database.another().await?;
            client.batch("set role docket_projector").await?;
            clients.push(client);
        }
        let workers = clients
            .iter()
            .zip(0u64..)
            .map(|(client, nth)| move |from, until| self.one(client, nth * 7_919, from, until));
        measured(span, workers).await
    }

    async fn one(&self, client: &Database, first: u64, from: Instant, until: Instant) -> Result<Outcome> {
        let statement = client.prepare(self.sql).await.with_context(|| format!("cannot prepare {}", self.sql))?;
        let mut outcome = Outcome::default();
        let mut sent = Instant::now();
        for nth in first.. {
            if sent >= until {
                break;
            }
            let parameters = (self.parameters)(nth);
            let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(AsRef::as_ref).collect();
            let rows = client.query(&statement, &parameters).await?;
            let now = Instant::now();
            let found = rows.iter().filter(|row| row.try_get::<_, &str>(0).is_ok_and(|text| !text.is_empty())).count();
            anyhow::ensure!(found == self.rows, "the query answers {found} rows, not {}", self.rows);
            if now >= from && now < until {
                outcome.record(now - sent);
            }
            sent = now;
        }
        Ok(outcome)
    }
}
