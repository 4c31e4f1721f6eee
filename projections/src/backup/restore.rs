//! A file → a database that has nothing where it belongs. One transaction: it is there as a whole, and found to be what
//! it was, or not at all.

use std::collections::BTreeMap;
use std::pin::pin;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use docket_domain::audit::bundle::Personal;
use docket_domain::audit::{Checkpoint, Frontier, Hash};
use docket_domain::personal;
use futures::{SinkExt, TryStreamExt};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::io::AsyncBufRead;
use tokio_postgres::Transaction;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::check::{bad, is_end, is_personal, is_rows, next};
use super::write::lines;
use super::{Checked, Header, Moved, NOBODYS, Place, Rows, TABLES, Table};
use crate::Error;
use crate::admin::Projections;
use crate::log::{COLUMNS, TYPES, recorded};

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Events.
    pub events: u64,
    /// The root of each workspace's events, as it was.
    pub roots: BTreeMap<Uuid, String>,
}

/// An event as a line has it.
#[derive(Deserialize)]
struct Line<'a> {
    partition: i16,
    position: i64,
    workspace: Uuid,
    kind: String,
    stream: Uuid,
    version: i64,
    event_type: String,
    event_version: i16,
    number: Option<i64>,
    series: Option<String>,
    command: Uuid,
    occurred_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    #[serde(borrow)]
    payload: &'a RawValue,
    #[serde(borrow)]
    metadata: &'a RawValue,
}

struct Restore<'a> {
    db: Transaction<'a>,
    header: &'a Header,
}

impl Projections {
    /// Restores a file that was checked. The read models are still as they were: they have to be made anew.
    pub async fn restore(
        &self,
        mut file: impl AsyncBufRead + Unpin,
        checked: &Checked,
        progress: &(dyn Fn(Moved) + Sync),
    ) -> Result<Restored, Error> {
        let mut client = self.address.connect().await?;
        let Checked { header, said } = checked;
        let restore = Restore { db: client.transaction().await?, header };
        restore.make_sure(self.partitions).await?;
        let mut line = Vec::new();
        next(&mut file, &mut line).await?;
        if serde_json::from_slice::<Header>(&line).ok().as_ref() != Some(header) {
            return Err(bad("it is another than was checked"));
        }
        next(&mut file, &mut line).await?;
        while is_rows(&line) {
            restore.rows(&line).await?;
            next(&mut file, &mut line).await?;
        }
        let events = restore.events(&mut file, line, progress).await?;
        restore.places().await?;
        let roots = restore.roots().await?;
        if roots != said.roots {
            return Err(bad("its events do not have the root that they had"));
        }
        restore.db.commit().await?;
        Ok(Restored { events, roots })
    }
}

impl Restore<'_> {
    /// That there is room, and nobody about.
    async fn make_sure(&self, partitions: i16) -> Result<(), Error> {
        let refuse = |why: String| Err(Error::Unavailable(why));
        let Header { schema, workspace, .. } = self.header;
        let sql = "select max(version) from _sqlx_migrations where success";
        let found: i64 = self.db.query_one(sql, &[]).await?.try_get(0)?;
        if found != *schema {
            return refuse(format!(
                "the backup is of schema {schema}, and the database of {found}: restore it with the docket that wrote it, \
                 and migrate then"
            ));
        }
        if partitions != self.header.partitions {
            let there = self.header.partitions;
            return refuse(format!("the backup has {there} partitions, and the database {partitions}: take a new one"));
        }
        let sql = "select partition from log.heads where position > 0 and partition = any($1) order by 1 for update";
        let wanted: Vec<i16> = self.header.places.iter().map(|place| place.partition).collect();
        if let Some(taken) = self.db.query(sql, &[&wanted]).await?.first() {
            let partition: i16 = taken.try_get(0)?;
            return refuse(match workspace {
                None => "there is something in this database: take an empty one".to_owned(),
                Some(_) => format!("partition {partition}, where the workspace belongs, has events already"),
            });
        }
        let sql = "select name from log.leases where expires_at > clock_timestamp() limit 1";
        if !self.db.query(sql, &[]).await?.is_empty() {
            return refuse("Docket runs on this database: stop every process first".to_owned());
        }
        Ok(())
    }

    /// Rows of a table, by way of one that has no walls: COPY does not pass them.
    async fn rows(&self, line: &[u8]) -> Result<(), Error> {
        let Rows { table, columns, text } = serde_json::from_slice(line).map_err(|_| bad("rows that can't be read"))?;
        let name_like = |name: &String| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let known = TABLES.iter().find(|known| known.name == table).filter(|_| columns.iter().all(name_like));
        let Table { name, walled, .. } = known.ok_or_else(|| bad("rows of a table that is not taken along"))?;
        let columns = columns.join(", ");
        let make = format!("create temp table incoming on commit drop as select {columns} from {name} where false");
        self.db.batch_execute(&make).await?;
        let mut incoming = pin!(self.db.copy_in("copy incoming from stdin").await?);
        incoming.send(Bytes::from(text)).await?;
        incoming.finish().await?;
        let role = if *walled { "set local role docket_projector;" } else { "" };
        let take = format!(
            "grant select on incoming to docket_projector; {role} \
             insert into {name} ({columns}) select {columns} from incoming; reset role; drop table incoming"
        );
        Ok(self.db.batch_execute(&take).await?)
    }

    /// The events, up to the last line.
    async fn events(
        &self,
        file: &mut (impl AsyncBufRead + Unpin),
        mut line: Vec<u8>,
        progress: &(dyn Fn(Moved) + Sync),
    ) -> Result<u64, Error> {
        let sql = format!("copy log.events ({COLUMNS}) from stdin (format binary)");
        let mut log = pin!(BinaryCopyInWriter::new(self.db.copy_in(&sql).await?, &TYPES));
        let mut moved = Moved { events: 0, of: self.header.events };
        let mut aside: Option<Json<Box<RawValue>>> = None;
        while !is_end(&line) {
            if is_personal(&line) {
                let read = serde_json::from_slice::<Personal<'_>>(&line).map_err(|_| bad("it can't be read"))?;
                aside = Some(Json(read.personal.to_owned()));
            } else {
                let e: Line<'_> = serde_json::from_slice(&line)
                    .map_err(|error| bad(&format!("event number {} can't be read: {error}", moved.events + 1)))?;
                let (payload, metadata, personal) = (Json(e.payload), Json(e.metadata), aside.take());
                log.as_mut()
                    .write(&[
                        &e.partition,
                        &e.position,
                        &e.workspace,
                        &e.kind,
                        &e.stream,
                        &e.version,
                        &e.event_type,
                        &e.event_version,
                        &e.number,
                        &e.series,
                        &e.command,
                        &e.occurred_at,
                        &e.recorded_at,
                        &payload,
                        &metadata,
                        &personal,
                    ])
                    .await?;
                moved.events += 1;
                if moved.events.is_multiple_of(1_000) {
                    progress(moved);
                }
            }
            next(file, &mut line).await?;
        }
        log.finish().await?;
        Ok(moved.events)
    }

    /// Puts everybody who follows a partition where they were. What was published is not published again.
    async fn places(&self) -> Result<(), Error> {
        for Place { partition, position, recorded_at, told, witnessed, carried } in &self.header.places {
            let sql = "update log.heads set position = $2, recorded_at = $3 where partition = $1";
            self.db.execute(sql, &[partition, position, recorded_at]).await?;
            self.db.execute("update log.relays set position = $2 where partition = $1", &[partition, position]).await?;
            self.db.execute("update log.tellers set position = $2 where partition = $1", &[partition, told]).await?;
            for (table, place) in [("audit.witnessed", witnessed), ("webhooks.outlets", carried)] {
                let Some(place) = place else { continue };
                let sql = format!(
                    "insert into {table} (partition, position) values ($1, $2) \
                     on conflict (partition) do update set position = excluded.position"
                );
                self.db.execute(&sql, &[partition, place]).await?;
            }
            if self.header.workspace.is_some() {
                self.keep_places(*partition, *position).await?;
            }
        }
        if self.header.workspace.is_none() {
            let sql = "update log.settings set secret = decode($1, 'hex')";
            self.db.execute(sql, &[&self.header.secret]).await?;
        }
        Ok(())
    }

    /// Events of nobody where others' were: positions are dense, and a workspace's events keep theirs, for they are part
    /// of what was signed.
    async fn keep_places(&self, partition: i16, position: i64) -> Result<(), Error> {
        let sql = "insert into log.events (partition, position, workspace, kind, stream, version, event_type, \
                   event_version, command, occurred_at, recorded_at, payload, metadata) \
                   select $1::int2, g, $3::uuid, 'vacancy', $3::uuid, row_number() over (order by g), 'vacancy.kept', 1, $3::uuid, \
                   q.at, q.at, '{\"type\":\"vacancy.kept\"}', json_build_object('actor', \
                   json_build_object('type', 'system'), 'request_id', 'restore', 'correlation_id', 'restore', \
                   'causation_id', $3::uuid, 'dialect', 'docket') from (select g, e.position, \
                   coalesce(max(e.recorded_at) over (order by g), 'epoch') as at from generate_series(1, $2::int8) g \
                   left join log.events e on e.partition = $1 and e.position = g) q where q.position is null";
        self.db.execute(sql, &[&partition, &position, &NOBODYS]).await?;
        Ok(())
    }

    /// The root of what is in the log now, workspace by workspace; it must be what was signed, as far as that went.
    async fn roots(&self) -> Result<BTreeMap<Uuid, String>, Error> {
        let signed = self.signed().await?;
        let mut trees = BTreeMap::<Uuid, Frontier>::new();
        for Place { partition, .. } in &self.header.places {
            let sql = format!("select {COLUMNS} from log.events where partition = $1 order by position");
            let mut rows = pin!(self.db.query_raw(&sql, [*partition]).await?);
            while let Some(row) = rows.try_next().await? {
                let event = recorded(&row, 0)?;
                if event.workspace.0 == NOBODYS {
                    continue;
                }
                let vouched = event.personal.as_deref().map(personal::digest);
                if vouched.is_some() && vouched != personal::named(&event.payload) {
                    return Err(bad("somebody's name is not the one that was written"));
                }
                let tree = trees.entry(event.workspace.0).or_default();
                tree.push(Hash::of_leaf(lines(&row)?.1.as_bytes()), |_, _| {});
                let then = signed.get(&event.workspace.0).filter(|signed| signed.size == tree.size());
                if then.is_some_and(|signed| signed.root != tree.root()) {
                    return Err(bad("its events are not those that were signed"));
                }
            }
        }
        Ok(trees.into_iter().map(|(id, tree)| (id, tree.root().to_string())).collect())
    }

    async fn signed(&self) -> Result<BTreeMap<Uuid, Checkpoint>, Error> {
        self.db.batch_execute("set local role docket_projector").await?;
        let rows = self.db.query("select workspace, checkpoint from audit.trees", &[]).await?;
        self.db.batch_execute("reset role").await?;
        let signed =
            rows.iter().filter_map(|row| Some((row.try_get(0).ok()?, Checkpoint::parse(row.try_get(1).ok()?)?)));
        Ok(signed.collect())
    }
}
