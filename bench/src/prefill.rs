//! Many tasks at once, written into the log as an append of one huge batch would have.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::database::Database;
use crate::scripts::Supplies;

/// The newest event of the kind serves as a pattern for all that the log keeps beside the payload.
const PATTERN: &str = "select partition, event_version, metadata::text from log.events
    where workspace = $1 and event_type = 'task.created' order by position desc limit 1";

const HEAD: &str =
    "select position, greatest(recorded_at, clock_timestamp()) from log.heads where partition = $1 for update";

const NUMBER: &str = "update log.counters set last = last + $3
    where partition = $1 and workspace = $2 and kind = 'task' and series = '' returning last - $3";

const ADVANCE: &str = "update log.heads set position = $2, recorded_at = $3 where partition = $1";

const FILL: &str = "with fresh as materialized (
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
               '{\"type\":\"task.created\",\"project_id\":\"%s\",\"title\":\"%s %s %s #%s\",\"status\":\"%s\",\"priority\":\"%s\"%s%s}',
               case when i % 2 = 0 then $9::uuid else ($10::uuid[])[1 + i / 2 % cardinality($10::uuid[])] end,
               (array['Fix','Review','Replace','Measure','Prepare','Order','Check','Describe'])[1 + i % 8],
               (array['the invoice template','the harbour drawings','unit prices','spare pumps','the staff handbook',
                      'search results','the wiring plan'])[1 + i % 7],
               (array['before Friday','in the new hall','after the audit','by hand','for Lübeck'])[1 + i % 5], i,
               (array['backlog','todo','in_progress','in_review','done','cancelled'])[1 + i % 6],
               (array['none','low','medium','high','urgent'])[1 + i % 5],
               case when i % 3 = 0 then format(',\"assignee_ids\":[\"%s\"]', ($11::uuid[])[1 + i / 3 % cardinality($11::uuid[])]) end,
               case when i % 4 = 0 then format(',\"label_ids\":[\"%s\"]', ($12::uuid[])[1 + i / 4 % cardinality($12::uuid[])]) end
           )::json, $7::text::json
    from fresh";

/// Writes so many new tasks in one commit: half of them in the project `big`, the others spread over all projects.
pub async fn fill(database: &Database, workspace: Uuid, big: Uuid, supplies: &Supplies, count: i64) -> Result<()> {
    let pattern = database.query_one(PATTERN, &[&workspace]).await.context("there is no task to take as a pattern")?;
    let (partition, version, metadata): (i16, i16, String) = (pattern.get(0), pattern.get(1), pattern.get(2));
    // A transaction of its own: dropped with its connection if anything fails.
    let append = database.another().await?;
    append.batch("begin").await?;
    let (head, now): (i64, DateTime<Utc>) = {
        let row = append.query_one(HEAD, &[&partition]).await?;
        (row.get(0), row.get(1))
    };
    let numbered: i64 = append.query_one(NUMBER, &[&partition, &workspace, &count]).await?.get(0);
    let (projects, members, labels) = (&supplies.projects[..], &supplies.members[..], &supplies.labels[..]);
    append
        .execute(
            FILL,
            &[
                &workspace, &count, &partition, &numbered, &head, &version, &metadata, &now, &big, &projects, &members,
                &labels,
            ],
        )
        .await
        .context("cannot fill the log")?;
    append.execute(ADVANCE, &[&partition, &(head + count), &now]).await?;
    append.execute("select pg_notify('docket', $1)", &[&format!("{partition}:{}", head + count)]).await?;
    append.batch("commit").await
}
