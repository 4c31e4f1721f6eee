//! The bound of a rebuild: COPY every event out, COPY every row of the read models in, and compute nothing in between.

use std::time::Instant;

use anyhow::{Context, Result};
use bytes::Bytes;
use futures::{SinkExt, StreamExt, TryStreamExt, pin_mut};

use crate::database::Database;

/// What the copies took, in seconds.
pub struct Copies {
    /// The events, out.
    pub out: f64,
    /// The rows of the read models, in: into tables without indexes.
    pub back: f64,
}

const TABLES: &str = "select c.relname from pg_class c where c.relnamespace = $1::text::regnamespace
    and c.relkind = 'r' and c.relname not like '%\\_at' order by 1";

impl Copies {
    /// Takes the bound for these read models.
    pub async fn take(database: &Database, models: &[String]) -> Result<Self> {
        let mut copies = Self { out: events_out(database).await?, back: 0.0 };
        let (source, target) = (database.another().await?, database.another().await?);
        source.batch("set role docket_projector").await?;
        for model in models {
            // The very tables that a rebuild makes, by the very function it calls.
            let make = format!(
                "drop schema if exists bench_copy cascade; create schema bench_copy; set search_path = bench_copy;
                 select read.create_{model}()"
            );
            target.batch(&make).await?;
            for row in source.query(TABLES, &[&format!("read_{model}")]).await? {
                let table: String = row.get(0);
                let rows = all_rows(&source, &format!("read_{model}.{table}")).await?;
                let start = Instant::now();
                copy_in(&target, &format!("bench_copy.{table}"), rows).await?;
                copies.back += start.elapsed().as_secs_f64();
            }
        }
        target.batch("drop schema bench_copy cascade").await?;
        Ok(copies)
    }
}

async fn events_out(database: &Database) -> Result<f64> {
    let start = Instant::now();
    let out =
        database.copy_out("copy log.events to stdout (format binary)").await.context("cannot copy the events out")?;
    pin_mut!(out);
    while let Some(chunk) = out.next().await {
        chunk?;
    }
    Ok(start.elapsed().as_secs_f64())
}

async fn all_rows(source: &Database, table: &str) -> Result<Vec<Bytes>> {
    let out = source.copy_out(&format!("copy (select * from {table}) to stdout (format binary)")).await;
    let out = out.with_context(|| format!("cannot copy {table} out"))?;
    Ok(out.try_collect().await?)
}

async fn copy_in(target: &Database, table: &str, rows: Vec<Bytes>) -> Result<()> {
    let sink = target.copy_in(&format!("copy {table} from stdin (format binary)")).await;
    let sink = sink.with_context(|| format!("cannot copy {table} in"))?;
    pin_mut!(sink);
    for chunk in rows {
        sink.feed(chunk).await?;
    }
    sink.finish().await?;
    Ok(())
}
