//! L1: one event per commit, by a prepared INSERT, into a table of the log's own shape and indexes.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use anyhow::{Context, Result};
use chrono::Utc;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::data;
use crate::database::Database;
use crate::load::{Outcome, Span, measured};

const INSERT: &str = "insert into bench.events (partition, position, workspace, kind, stream, version, event_type,
        event_version, number, command, occurred_at, recorded_at, payload, metadata)
    values (0, $1, $2, 'task', $3, 1, 'task.created', 2, $1, $4, $5, $5, $6::text::json, $7::text::json)";

const MANY: &str = "insert into bench.events (partition, position, workspace, kind, stream, version, event_type,
        event_version, number, command, occurred_at, recorded_at, payload, metadata)
    select 0, i, $2, 'task', gen_random_uuid(), 1, 'task.created', 2, i, gen_random_uuid(), now(), now(),
        $3::text::json, $4::text::json from generate_series(1, $1::bigint) i";

/// A table to insert into.
pub struct Inserts<'a> {
    database: &'a Database,
    last: AtomicI64,
}

impl<'a> Inserts<'a> {
    /// Makes the table, with every index and constraint that `log.events` has.
    pub async fn prepare(database: &'a Database) -> Result<Self> {
        let make = "create schema if not exists bench;
            drop table if exists bench.events;
            create table bench.events (like log.events including all)";
        database.batch(make).await.context("cannot make the table of L1")?;
        Ok(Self { database, last: AtomicI64::new(0) })
    }

    /// Empties the table, then inserts over so many connections at once.
    pub async fn run(&self, connections: usize, span: Span) -> Result<Outcome> {
        self.database.batch("truncate bench.events").await?;
        let mut clients = Vec::with_capacity(connections);
        for _ in 0..connections {
            clients.push(self.database.another().await?);
        }
        let outcome =
            measured(span, clients.iter().map(|client| move |from, until| self.one(client, from, until))).await?;
        self.database.batch("truncate bench.events").await?;
        Ok(outcome)
    }

    /// Inserts so many events by one statement in one commit; answers how many seconds that took.
    pub async fn at_once(&self, count: i64) -> Result<f64> {
        let event = data::Event::sample();
        let start = Instant::now();
        let inserted = self.database.execute(MANY, &[&count, &Uuid::new_v4(), &event.payload, &event.metadata]).await?;
        let seconds = start.elapsed().as_secs_f64();
        anyhow::ensure!(inserted == count as u64, "{inserted} events were inserted, not {count}");
        Ok(seconds)
    }

    async fn one(&self, client: &Database, from: Instant, until: Instant) -> Result<Outcome> {
        let insert = client.prepare_typed(INSERT, &[Type::INT8]).await?;
        let workspace = Uuid::new_v4();
        let event = data::Event::sample();
        let mut rng = data::rng();
        let mut outcome = Outcome::default();
        let mut sent = Instant::now();
        while sent < until {
            let position = self.last.fetch_add(1, Ordering::Relaxed) + 1;
            let (stream, command) = (data::uuid(&mut rng), data::uuid(&mut rng));
            let inserted = client
                .execute(
                    &insert,
                    &[&position, &workspace, &stream, &command, &Utc::now(), &event.payload, &event.metadata],
                )
                .await?;
            let now = Instant::now();
            anyhow::ensure!(inserted == 1, "an insert went nowhere");
            if now >= from && now < until {
                outcome.record(now - sent);
            }
            sent = now;
        }
        Ok(outcome)
    }
}
