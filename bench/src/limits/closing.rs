//! Closing a sprint in bare tables: its open tasks are read, an event of each is written, and its stream moves on, all
//! in one transaction over one connection; no rules, no keys, no receipts.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use crate::data;
use crate::database::Database;

/// Tables with every index and constraint that the log's own have, and as much in them.
const MAKE: &str = "create schema if not exists bench;
    drop table if exists bench.closing_events, bench.closing_streams;
    create table bench.closing_events (like log.events including all);
    create table bench.closing_streams (like log.streams including all) with (fillfactor = 85);
    insert into bench.closing_events select * from log.events;
    insert into bench.closing_streams select * from log.streams;
    grant usage on schema bench to docket_projector;
    grant all on bench.closing_events, bench.closing_streams to docket_projector;
    analyze bench.closing_events, bench.closing_streams";

/// What has come into being since.
const FILL: &str = "insert into bench.closing_streams
    select s.* from log.heads h join log.streams s on s.partition = h.partition and s.id = any ($1)
    on conflict do nothing";

const READ: &str = "select id from read_tasks.tasks
    where workspace = $1 and sprint_id = $2 and not deleted and status < 4 order by number";

const WRITE: &str =
    "insert into bench.closing_events (partition, position, workspace, kind, stream, version, event_type,
        event_version, command, occurred_at, recorded_at, payload, metadata)
    select $6, $7 + nth, $1, 'task', id, 2, 'task.sprint_set', 1, $2, now(), now(), payload::json, $5::text::json
    from unnest($3::uuid[], $4::text[]) with ordinality e(id, payload, nth)";

const ADVANCE: &str = "update bench.closing_streams set version = version + 1 where partition = $1 and id = any ($2)";

const PAYLOAD: &str = r#"{"type":"task.sprint_set","sprint_id":null}"#;

const LAST: &str =
    "select s.partition, (select max(e.position) from bench.closing_events e where e.partition = s.partition)
    from bench.closing_streams s where s.workspace = $1 limit 1";

/// Where sprints can be closed.
pub struct Closing {
    client: Database,
    statements: [Statement; 3],
}

impl Closing {
    /// Makes the tables.
    pub async fn prepare(database: &Database) -> Result<Self> {
        database.batch(MAKE).await.context("cannot make the tables of a bare closing")?;
        let client = database.another().await?;
        client.batch("set role docket_projector").await?;
        let statements = [client.prepare(READ).await?, client.prepare(WRITE).await?, client.prepare(ADVANCE).await?];
        Ok(Self { client, statements })
    }

    /// Closes a workspace's sprint with so many open tasks; answers how many seconds that took.
    pub async fn run(&self, database: &Database, workspace: Uuid, sprint: Uuid, tasks: usize) -> Result<f64> {
        let Self { client, statements: [read, write, advance] } = self;
        let open = ids(&client.query(read, &[&workspace, &sprint]).await?);
        database.execute(FILL, &[&open]).await.context("cannot fill the bare streams")?;
        let last = database.query_one(LAST, &[&workspace]).await?;
        let (partition, position): (i16, i64) = (last.get(0), last.get(1));
        let event = data::Event::sample();
        let start = Instant::now();
        client.batch("begin").await?;
        let ids = ids(&client.query(read, &[&workspace, &sprint]).await?);
        let (command, payloads) = (Uuid::new_v4(), vec![PAYLOAD; ids.len()]);
        let events: [&(dyn ToSql + Sync); 7] =
            [&workspace, &command, &ids, &payloads, &event.metadata, &partition, &position];
        let written = client.execute(write, &events).await?;
        let advanced = client.execute(advance, &[&partition, &ids]).await?;
        client.batch("commit").await?;
        let seconds = start.elapsed().as_secs_f64();
        ensure!(written == tasks as u64 && advanced == written, "{written} events, {advanced} streams, not {tasks}");
        Ok(seconds)
    }
}

fn ids(rows: &[Row]) -> Vec<Uuid> {
    rows.iter().map(|row| row.get(0)).collect()
}
