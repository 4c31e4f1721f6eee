//! Many tasks, or timelogs, at once, written into the log as an append of one huge batch would have.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::database::Database;
use crate::scripts::Supplies;

/// The newest event of the kind serves as a pattern for all that the log keeps beside the payload.
const PATTERN: &str = "select partition, event_version, metadata::text from log.events
    where workspace = $1 and event_type = $2 order by position desc limit 1";

const HEAD: &str =
    "select position, greatest(recorded_at, clock_timestamp()) from log.heads where partition = $1 for update";

const NUMBER: &str = "update log.counters set last = last + $3
    where partition = $1 and workspace = $2 and kind = $4 and series = '' returning last - $3";

const ADVANCE: &str = "update log.heads set position = $2, recorded_at = $3 where partition = $1";

const TASKS: &str = "with fresh as materialized (
        select i, gen_random_uuid() as id, gen_random_uuid() as command,
               $8::timestamptz - ($2::bigint - i) * interval '20 seconds' as at
        from generate_series(1, $2::bigint) as i
    ), streams as (
        insert into log.streams (partition, id, workspace, kind, version, number, alive)
        select $3::smallint, id, $1::uuid, 'task', 1, $4::bigint + i, true from fresh
    )
    insert into log.events (partition, position, workspace, kind, stream, version, event_type, event_version, number,
                            command, occurred_at, recorded_at, payload, metadata)
    select $3::smallint, $5::bigint + i, $1::uuid, 'task', id, 1, 'task.created', $6::smallint, $4::bigint + i,
           command, at, $8::timestamptz, format(
               '{\"type\":\"task.created\",\"project_id\":\"%s\",\"title\":\"%s %s %s #%s\",\"status\":\"%s\",\"priority\":\"%s\"%s%s%s}',
               case when i % 2 = 0 then $9::uuid else ($10::uuid[])[1 + i / 2 % cardinality($10::uuid[])] end,
               (array['Fix','Review','Replace','Measure','Prepare','Order','Check','Describe'])[1 + i % 8],
               (array['the invoice template','the harbour drawings','unit prices','spare pumps','the staff handbook',
                      'search results','the wiring plan'])[1 + i % 7],
               (array['before Friday','in the new hall','after the audit','by hand','for Lübeck'])[1 + i % 5], i,
               (array['backlog','todo','in_progress','in_review','done','cancelled'])[1 + i / 24 % 6],
               (array['none','low','medium','high','urgent'])[1 + i % 5],
               case when i % 3 = 0 then format(',\"assignee_ids\":[\"%s\"]', ($11::uuid[])[1 + i / 3 % cardinality($11::uuid[])]) end,
               case when i % 4 = 0 then format(',\"label_ids\":[\"%s\"]', ($12::uuid[])[1 + i / 4 % cardinality($12::uuid[])]) end,
               case when i % 5 = 0 then format(',\"due_date\":\"%s\"', date '2026-01-01' + (i / 5 % 700)::int) end
           )::json, $7::text::json
    from fresh";

/// A timelog of a quarter of an hour up to two hours, by a member for a project, on a day of the last 600.
const TIME: &str = "with fresh as materialized (
        select i, gen_random_uuid() as id, gen_random_uuid() as command,
               date_trunc('day', $8::timestamptz at time zone 'UTC') at time zone 'UTC'
                   - (1 + i % 600) * interval '1 day' + interval '9 hours' as at
        from generate_series(1, $2::bigint) as i
    ), streams as (
        insert into log.streams (partition, id, workspace, kind, version, number, alive)
        select $3::smallint, id, $1::uuid, 'timelog', 1, $4::bigint + i, true from fresh
    )
    insert into log.events (partition, position, workspace, kind, stream, version, event_type, event_version, number,
                            command, occurred_at, recorded_at, payload, metadata)
    select $3::smallint, $5::bigint + i, $1::uuid, 'timelog', id, 1, 'timelog.logged', $6::smallint, $4::bigint + i,
           command, at, $8::timestamptz, json_build_object(
               'type', 'timelog.logged', 'member_id', ($10::uuid[])[1 + i / 600 % cardinality($10::uuid[])],
               'project_id', ($9::uuid[])[1 + i / 7 % cardinality($9::uuid[])],
               'started_at', to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
               'ended_at', to_char((at + (1 + i % 8) * interval '15 minutes') at time zone 'UTC',
                                   'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
               'time_zone', 'UTC', 'date', (at at time zone 'UTC')::date), $7::text::json
    from fresh";

/// A task that has not changed yet moves to another status, or gets another title.
const CHANGES: &str = "with old as materialized (
        select id, row_number() over (order by number) as i from log.streams
        where partition = $3::smallint and workspace = $1::uuid and kind = 'task' and alive and version = 1
            and (uuid_hash(id) & 2147483647) % 3 = 0 limit $2::bigint
    ), streams as (
        update log.streams s set version = 2 from old where s.partition = $3::smallint and s.id = old.id
    )
    insert into log.events (partition, position, workspace, kind, stream, version, event_type, event_version, number,
                            command, occurred_at, recorded_at, payload, metadata)
    select $3::smallint, $4::bigint + i, $1::uuid, 'task', old.id, 2,
           case when i % 4 = 0 then 'task.retitled' else 'task.status_changed' end, $5::smallint, null::bigint,
           gen_random_uuid(), $7::timestamptz, $7::timestamptz, format(
               case when i % 4 = 0 then '{\"type\":\"task.retitled\",\"title\":\"Forget the harbour drawings #%s\"}'
                    else '{\"type\":\"task.status_changed\",\"status\":\"%s\"}' end,
               case when i % 4 = 0 then i::text
                    else (array['backlog','todo','in_progress','in_review'])[1 + i / 5 % 4] end)::json, $6::text::json
    from old";

/// Writes so many new tasks in one commit: half of them in the project `big`, the others spread over all projects.
pub async fn fill(database: &Database, workspace: Uuid, big: Uuid, supplies: &Supplies, count: i64) -> Result<()> {
    let (projects, members, labels) = (&supplies.projects[..], &supplies.members[..], &supplies.labels[..]);
    append(database, workspace, ("task", "task.created", TASKS), count, &[&big, &projects, &members, &labels]).await
}

/// Writes so many new timelogs in one commit.
pub async fn fill_time(database: &Database, workspace: Uuid, supplies: &Supplies, count: i64) -> Result<()> {
    let (projects, members) = (&supplies.projects[..], &supplies.members[..]);
    append(database, workspace, ("timelog", "timelog.logged", TIME), count, &[&projects, &members]).await
}

/// Changes so many tasks in one commit, or as many as have not changed yet, up to a third of all.
pub async fn change(database: &Database, workspace: Uuid, count: i64) -> Result<()> {
    let append = database.another().await?;
    append.batch("begin").await?;
    let pattern = append.query_one(PATTERN, &[&workspace, &"task.status_changed"]).await;
    let pattern = pattern.context("there is no changed task to take as a pattern")?;
    let (partition, version, metadata): (i16, i16, String) = (pattern.get(0), pattern.get(1), pattern.get(2));
    let row = append.query_one(HEAD, &[&partition]).await?;
    let (head, now): (i64, DateTime<Utc>) = (row.get(0), row.get(1));
    let parameters: [&(dyn ToSql + Sync); 7] = [&workspace, &count, &partition, &head, &version, &metadata, &now];
    let count = append.execute(CHANGES, &parameters).await.context("cannot change tasks")?;
    advance(&append, partition, head + count as i64, now).await
}

/// Says how far the log is now, and ends the transaction.
async fn advance(append: &Database, partition: i16, head: i64, now: DateTime<Utc>) -> Result<()> {
    append.execute(ADVANCE, &[&partition, &head, &now]).await?;
    append.execute("select pg_notify('docket', $1)", &[&format!("{partition}:{head}")]).await?;
    append.batch("commit").await
}

/// Runs a statement that writes so many first events of a kind; `more` are its parameters from the ninth on.
async fn append(
    database: &Database,
    workspace: Uuid,
    (kind, event, statement): (&str, &str, &str),
    count: i64,
    more: &[&(dyn ToSql + Sync)],
) -> Result<()> {
    let pattern = database.query_one(PATTERN, &[&workspace, &event]).await;
    let pattern = pattern.with_context(|| format!("there is no {kind} to take as a pattern"))?;
    let (partition, version, metadata): (i16, i16, String) = (pattern.get(0), pattern.get(1), pattern.get(2));
    // A transaction of its own: dropped with its connection if anything fails.
    let append = database.another().await?;
    append.batch("begin").await?;
    let (head, now): (i64, DateTime<Utc>) = {
        let row = append.query_one(HEAD, &[&partition]).await?;
        (row.get(0), row.get(1))
    };
    let numbered: i64 = append.query_one(NUMBER, &[&partition, &workspace, &count, &kind]).await?.get(0);
    let mut parameters: Vec<&(dyn ToSql + Sync)> =
        vec![&workspace, &count, &partition, &numbered, &head, &version, &metadata, &now];
    parameters.extend(more);
    append.execute(statement, &parameters).await.context("cannot fill the log")?;
    advance(&append, partition, head + count, now).await
}
