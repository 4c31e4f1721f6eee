//! The log cut into pieces that fit into memory: a partition, or some of its aggregates.

use std::pin::pin;

use docket_domain::Recorded;
use docket_domain::ids::WorkspaceId;
use futures::StreamExt;
use serde_json::value::RawValue;
use tokio_postgres::Client;
use tokio_postgres::binary_copy::{BinaryCopyOutRow, BinaryCopyOutStream};

use crate::Error;
use crate::log::{COLUMNS, Json, TYPES, aside};

/// So many aggregates are in memory at a time.
const AGGREGATES: i64 = 200_000;

/// Some of the aggregates of one partition, with all their events up to the head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shard {
    pub(super) partition: i16,
    pub(super) head: i64,
    pub(super) part: i64,
    pub(super) parts: i64,
}

/// All shards of the log as it is now, and its heads.
pub(super) async fn shards(client: &Client) -> Result<(Vec<Shard>, Vec<i64>), Error> {
    let sql = "select h.partition, h.position, (select count(*) from log.streams s where s.partition = h.partition) \
               from log.heads h order by h.partition";
    let (mut shards, mut heads) = (Vec::new(), Vec::new());
    for row in client.query(sql, &[]).await? {
        let (partition, head, streams): (i16, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        heads.push(head);
        let parts = (streams + AGGREGATES - 1) / AGGREGATES;
        shards.extend((0..parts).map(|part| Shard { partition, head, part, parts }));
    }
    Ok((shards, heads))
}

impl Shard {
    /// Reads its events in order, each aggregate's without a gap. Answers how many there were.
    pub(super) async fn read(
        &self,
        client: &Client,
        mut take: impl AsyncFnMut(Recorded) -> Result<(), Error>,
    ) -> Result<i64, Error> {
        let Self { partition, head, part, parts } = self;
        let mine = if *parts > 1 {
            format!("and (uuid_hash(stream)::bigint & 2147483647) % {parts} = {part}")
        } else {
            String::new()
        };
        let sql = format!(
            "copy (select {COLUMNS} from log.events where partition = {partition} and position <= {head} {mine} \
             order by position) to stdout (format binary)"
        );
        let mut rows = pin!(BinaryCopyOutStream::new(client.copy_out(&sql).await?, &TYPES));
        let mut count = 0;
        while let Some(row) = rows.next().await {
            take(recorded(&row?)?).await?;
            count += 1;
        }
        Ok(count)
    }
}

fn recorded(row: &BinaryCopyOutRow) -> Result<Recorded, Error> {
    let bad = |what: &str, error: serde_json::Error| Error::Bug(format!("{what} of a stored event: {error}"));
    let (payload, metadata): (Json<'_>, Json<'_>) = (row.try_get(13)?, row.try_get(14)?);
    Ok(Recorded {
        partition: row.try_get(0)?,
        position: row.try_get(1)?,
        workspace: WorkspaceId(row.try_get(2)?),
        kind: row.try_get(3)?,
        stream: row.try_get(4)?,
        version: row.try_get(5)?,
        event_type: row.try_get(6)?,
        event_version: row.try_get(7)?,
        number: row.try_get(8)?,
        series: row.try_get(9)?,
        command: row.try_get(10)?,
        occurred_at: row.try_get(11)?,
        recorded_at: row.try_get(12)?,
        payload: RawValue::from_string(payload.0.to_owned()).map_err(|error| bad("the payload", error))?,
        personal: aside(row.try_get(15)?)?,
        metadata: serde_json::from_str(metadata.0).map_err(|error| bad("the metadata", error))?,
    })
}
