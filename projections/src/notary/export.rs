//! A workspace's whole history in one bundle, as a stream: see [`docket_domain::audit::bundle`].
//!
//! The documents are those of one moment; the events go as far as was signed after it, so that all the documents show is
//! among what is signed.

use std::time::Duration;

use docket_domain::audit::bundle::{Counts, Document, Ending, FORMAT, Header, PART, Part, Personal};
use docket_domain::audit::{Checkpoint, Hash, Span, leaf, proof};
use futures::{StreamExt, TryStreamExt};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep};
use tokio_postgres::Client;
use uuid::Uuid;

use super::grow::line;
use super::tiles::{Tiles, places};
use crate::Error;
use crate::admin::Projections;
use crate::log::{self, Json};
use crate::model::{NAMES, live_schema};

/// How long the witness is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Events written.
    pub events: u64,
    /// Of how many.
    pub of: u64,
}

struct Export<'a, W> {
    client: &'a Client,
    models: &'a Client,
    workspace: Uuid,
    partition: i16,
    out: W,
    counts: Counts,
}

impl Projections {
    /// Writes the bundle of a workspace, once what its read models show is signed.
    pub async fn export(
        &self,
        workspace: Uuid,
        out: impl AsyncWrite + Unpin,
        progress: &(dyn Fn(Exported) + Sync),
    ) -> Result<Counts, Error> {
        let partition = crate::guard::partition_of(workspace.into(), self.partitions);
        let (client, models) = (self.looker().await?, self.looker().await?);
        models.batch_execute("begin isolation level repeatable read read only").await?;
        let mut export =
            Export { client: &client, models: &models, workspace, partition, out, counts: Counts::default() };
        let at = export.models_at().await?;
        export.await_witness(at).await?;
        export.write(at, progress).await?;
        Ok(export.counts)
    }

    /// The workspaces of which there is a tree.
    pub async fn workspaces(&self) -> Result<Vec<Uuid>, Error> {
        let rows = self.looker().await?.query("select workspace from audit.trees order by workspace", &[]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// A connection that may see everything and change nothing.
    async fn looker(&self) -> Result<Client, Error> {
        let client = self.address.connect().await?;
        let setup = "set role docket_projector; set default_transaction_read_only = on; set jit = off";
        client.batch_execute(setup).await?;
        Ok(client)
    }
}

impl<W: AsyncWrite + Unpin> Export<'_, W> {
    /// How far the read models are: all at the same place, as they are unless one has fallen behind.
    async fn models_at(&self) -> Result<i64, Error> {
        let each: Vec<_> = NAMES
            .iter()
            .map(|name| format!("select position from {}.{name}_at where partition = $1", live_schema(name)))
            .collect();
        let sql = format!(
            "select coalesce(min(position), 0), coalesce(max(position), 0), \
             (select count(*) from read.parked where workspace = $2) from ({}) each",
            each.join(" union all ")
        );
        let row = self.models.query_one(&sql, &[&self.partition, &self.workspace]).await?;
        let (least, most, parked): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        if parked > 0 {
            let story = format!("{parked} events of this workspace are parked: run `docket projections retry` first");
            return Err(Error::Unavailable(story));
        }
        if least != most {
            return Err(Error::Unavailable("a read model is behind the others: try again when it is not".to_owned()));
        }
        Ok(most)
    }

    async fn await_witness(&self, at: i64) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        let sql = "select position from audit.witnessed where partition = $1";
        loop {
            let row = self.client.query_opt(sql, &[&self.partition]).await?;
            if row.map_or(Ok(0), |row| row.try_get::<_, i64>(0))? >= at {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(Error::Unavailable("the history is not witnessed: is a projector running?".to_owned()));
            }
            sleep(POLL).await;
        }
    }

    async fn write(&mut self, models_at: i64, progress: &(dyn Fn(Exported) + Sync)) -> Result<(), Error> {
        let sql = "select checkpoint, keys from audit.trees where workspace = $1";
        let row = self.client.query_opt(sql, &[&self.workspace]).await?;
        let row = row.ok_or_else(|| Error::Unavailable("there is no such workspace".to_owned()))?;
        let (checkpoint, keys): (String, &str) = (row.try_get(0)?, row.try_get(1)?);
        let signed = Checkpoint::parse(&checkpoint).ok_or_else(|| {
            Error::Unavailable("nothing is signed: give the projector a key with --audit-key".to_owned())
        })?;
        let keys = keys.lines().map(str::to_owned).collect();
        let models_at = self.last_before(models_at).await?;
        let header = Header { bundle: FORMAT.to_owned(), workspace: self.workspace, checkpoint, keys, models_at };
        self.line(&header).await?;
        let mut documents = models_at == 0;
        let tiles = self.tiles(signed.size).await?;
        for part in 0..signed.size.div_ceil(PART) {
            let places = self.places(part as i64).await?;
            let rest = usize::try_from(signed.size - part * PART).unwrap_or(usize::MAX);
            let places = &places[..places.len().min(rest)];
            self.line(&proved(part, signed.size, &tiles)?).await?;
            let (before, since) = places.split_at(places.partition_point(|place| *place <= models_at));
            self.events(before).await?;
            if !documents && (!since.is_empty() || before.last() == Some(&models_at)) {
                self.documents().await?;
                documents = true;
            }
            self.events(since).await?;
            progress(Exported { events: self.counts.events, of: signed.size });
        }
        self.line(&Ending { end: self.counts }).await?;
        self.out.flush().await.map_err(|error| unwritable(&error))
    }

    /// The position of the workspace's last event up to this one.
    async fn last_before(&self, position: i64) -> Result<i64, Error> {
        let sql = "select places from audit.tiles where workspace = $1 and level = 0 and first <= $2 \
                   order by first desc limit 1";
        let row = self.client.query_opt(sql, &[&self.workspace, &position]).await?;
        let among = row.map_or(Ok(Vec::new()), |row| row.try_get(0).map(places))?;
        Ok(among.into_iter().take_while(|place| *place <= position).last().unwrap_or(0))
    }

    /// The positions of the events of a part.
    async fn places(&self, tile: i64) -> Result<Vec<i64>, Error> {
        let sql = "select places from audit.tiles where workspace = $1 and level = 0 and tile = $2";
        let row = self.client.query_opt(sql, &[&self.workspace, &tile]).await?;
        row.map_or(Ok(Vec::new()), |row| Ok(places(row.try_get(0)?)))
    }

    /// What it takes to prove every part of a tree of this size: the tiles above those of the leaves, and the last of these.
    async fn tiles(&self, size: u64) -> Result<Tiles, Error> {
        let sql = "select level, tile, hashes from audit.tiles \
                   where workspace = $1 and (level > 0 or level = 0 and tile = $2)";
        let last = (size.saturating_sub(1) / PART) as i64;
        let mut tiles = Tiles::default();
        for row in self.client.query(sql, &[&self.workspace, &last]).await? {
            tiles.0.insert((row.try_get(0)?, row.try_get(1)?), Hash::list(row.try_get(2)?));
        }
        Ok(tiles)
    }

    /// What is at these positions now, whatever it is: judging is the reviewer's work.
    async fn events(&mut self, places: &[i64]) -> Result<(), Error> {
        if places.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "select {} from log.events where partition = $1 and position = any($2) order by position",
            log::COLUMNS
        );
        for row in self.client.query(&sql, &[&self.partition, &places]).await? {
            if let Some(Json(stored)) = row.try_get(15)? {
                let personal =
                    leaf::stored(row.try_get(1)?, stored).map_err(|strange| Error::Bug(strange.to_string()))?;
                self.line(&Personal { personal }).await?;
            }
            self.put(&line(&row, 0)?).await?;
            self.counts.events += 1;
        }
        Ok(())
    }

    /// The documents of all read models that have any, table by table: as they are, not as they were.
    async fn documents(&mut self) -> Result<(), Error> {
        let schemas: Vec<String> = NAMES.iter().map(|name| live_schema(name)).collect();
        // Not information_schema: that shows only what the role owns or was granted by name.
        let sql = "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace \
                   where n.nspname = any($1) and c.relkind = 'r' and (select count(*) from pg_attribute a \
                   where a.attrelid = c.oid and a.attname in ('workspace', 'id', 'doc')) = 3 \
                   and c.relname !~ '^past_' order by c.relname";
        for table in self.models.query(sql, &[&schemas]).await? {
            let (schema, name): (&str, &str) = (table.try_get(0)?, table.try_get(1)?);
            let sql = format!("select id, doc from {schema}.{name} where workspace = $1 order by id");
            let rows = self.models.query_raw(&sql, [&self.workspace]).await?;
            let mut rows = std::pin::pin!(rows.map(|row| row.map_err(Error::from)));
            while let Some(row) = rows.try_next().await? {
                let doc: &str = row.try_get(1)?;
                let doc: &RawValue = serde_json::from_str(doc).map_err(|error| Error::Bug(error.to_string()))?;
                self.line(&Document { model: name.into(), id: row.try_get(0)?, doc }).await?;
                self.counts.documents += 1;
            }
        }
        Ok(())
    }

    async fn line(&mut self, line: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_string(line).map_err(|error| Error::Bug(error.to_string()))?;
        self.put(&text).await
    }

    async fn put(&mut self, line: &str) -> Result<(), Error> {
        self.out.write_all(line.as_bytes()).await.map_err(|error| unwritable(&error))?;
        self.out.write_all(b"\n").await.map_err(|error| unwritable(&error))
    }
}

/// What stands before a part: its number, and the proof that it is in the tree of this size.
fn proved(part: u64, size: u64, tiles: &Tiles) -> Result<Part, Error> {
    let missing = || Error::Unavailable("a part of the tree is missing: audit.tiles was damaged".to_owned());
    // Parts stand in the tree as leaves would in a tree of as many leaves.
    let hash = |Span { start, end }: Span| {
        let span = Span { start: start * PART, end: (end * PART).min(size) };
        span.hash(|node| tiles.hash(node)).ok_or_else(missing)
    };
    let path = proof::inclusion(part, size.div_ceil(PART)).ok_or_else(missing)?;
    let proof = path.into_iter().map(|span| hash(span).map(|hash| hash.to_string())).collect::<Result<_, _>>()?;
    Ok(Part { leaf: part * PART, root: hash(Span { start: part, end: part + 1 })?.to_string(), proof })
}

fn unwritable(error: &std::io::Error) -> Error {
    Error::Unavailable(format!("the bundle can't be written: {error}"))
}
