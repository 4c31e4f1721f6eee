//! The database → a file.

use std::collections::BTreeMap;
use std::pin::pin;

use docket_domain::audit::bundle::Personal;
use docket_domain::audit::{Frontier, Hash, leaf};
use futures::TryStreamExt;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use super::digest::digests;
use super::{End, FORMAT, Header, Moved, Place, Rows, Said, TABLES, Table};
use crate::Error;
use crate::admin::Projections;
use crate::log::{COLUMNS, Json};
use crate::notary::line;

/// So much text of a table is a line.
const PIECE: usize = 1 << 16;
/// So many events make some progress.
const STEP: u64 = 1_000;

struct Backup<'a, W> {
    client: &'a Client,
    workspace: Option<Uuid>,
    out: W,
    sha256: Sha256,
}

impl Projections {
    /// Writes a workspace, or everything, as it is at one moment; answers how many events that is.
    pub async fn backup(
        &self,
        workspace: Option<Uuid>,
        out: impl AsyncWrite + Unpin,
        progress: &(dyn Fn(Moved) + Sync),
    ) -> Result<u64, Error> {
        let client = self.cut(workspace).await?;
        let mut backup = Backup { client: &client, workspace, out, sha256: Sha256::new() };
        let header = backup.header(self.partitions).await?;
        backup.line(&header).await?;
        for table in &TABLES {
            backup.table(table).await?;
        }
        let mut roots = BTreeMap::new();
        let mut moved = Moved { events: 0, of: header.events };
        for place in &header.places {
            backup.events(place.partition, &mut roots, &mut moved, progress).await?;
        }
        let roots = roots.into_iter().map(|(id, tree): (_, Frontier)| (id, tree.root().to_string())).collect();
        let models = digests(&client, workspace).await?;
        let sha256 = format!("{:x}", backup.sha256.clone().finalize());
        backup.line(&End { end: Said { roots, models, sha256 } }).await?;
        backup.out.flush().await.map_err(|error| unwritable(&error))?;
        Ok(moved.events)
    }
}

/// The event in a row of [`COLUMNS`], and what is personal of it, each as a line.
pub(super) fn lines(row: &Row) -> Result<(Option<String>, String), Error> {
    let stored: Option<Json<'_>> = row.try_get(15)?;
    let personal = stored.map(|Json(text)| leaf::stored(row.try_get(1).unwrap_or_default(), text)).transpose();
    let personal = personal.map_err(|strange| Error::Bug(strange.to_string()))?;
    let personal = personal.map(|personal| serde_json::to_string(&Personal { personal })).transpose();
    Ok((personal.map_err(|error| Error::Bug(error.to_string()))?, line(row, 0)?))
}

impl<W: AsyncWrite + Unpin> Backup<'_, W> {
    async fn header(&self, partitions: i16) -> Result<Header, Error> {
        let of = self.workspace.map(|id| crate::guard::partition_of(id.into(), partitions));
        let sql = "select h.partition, h.position, h.recorded_at, t.position, w.position, o.position from log.heads h \
                   join log.tellers t using (partition) left join audit.witnessed w using (partition) \
                   left join webhooks.outlets o using (partition) where $1::int2 is null or h.partition = $1 \
                   order by h.partition";
        let place = |row: &Row| {
            Ok::<_, Error>(Place {
                partition: row.try_get(0)?,
                position: row.try_get(1)?,
                recorded_at: row.try_get(2)?,
                told: row.try_get(3)?,
                witnessed: row.try_get(4)?,
                carried: row.try_get(5)?,
            })
        };
        let places = self.client.query(sql, &[&of]).await?.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        let sql = "select encode(secret, 'hex'), (select max(version) from _sqlx_migrations where success), \
                   (select count(*) from log.events where $1::uuid is null or partition = $2 and workspace = $1) \
                   from log.settings";
        let row = self.client.query_one(sql, &[&self.workspace, &of]).await?;
        let events = row.try_get::<_, i64>(2)?.unsigned_abs();
        if self.workspace.is_some() && events == 0 {
            return Err(Error::Unavailable("there is no such workspace".to_owned()));
        }
        let (backup, workspace) = (FORMAT.to_owned(), self.workspace);
        let (secret, schema) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Header { backup, schema, workspace, partitions, secret, events, places })
    }

    async fn table(&mut self, table: &Table) -> Result<(), Error> {
        if table.walled {
            self.client.batch_execute("set local role docket_projector").await?;
        }
        let sql = "select attname::text from pg_attribute where attrelid = $1::text::regclass and attnum > 0 \
                   and not attisdropped order by attnum";
        let rows = self.client.query(sql, &[&table.name]).await?;
        let columns = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
        let wanted = table.wanted(self.workspace);
        let sql = format!("copy (select {} from {} where {wanted}) to stdout", columns.join(", "), table.name);
        let mut pieces = pin!(self.client.copy_out(&sql).await?);
        let mut rows = Rows { table: table.name.to_owned(), columns, text: String::new() };
        while let Some(piece) = pieces.try_next().await? {
            rows.text += str::from_utf8(&piece).map_err(|error| Error::Bug(error.to_string()))?;
            if rows.text.len() >= PIECE {
                self.line(&rows).await?;
                rows.text.clear();
            }
        }
        if !rows.text.is_empty() {
            self.line(&rows).await?;
        }
        Ok(self.client.batch_execute("reset role").await?)
    }

    async fn events(
        &mut self,
        partition: i16,
        roots: &mut BTreeMap<Uuid, Frontier>,
        moved: &mut Moved,
        progress: &(dyn Fn(Moved) + Sync),
    ) -> Result<(), Error> {
        let mine = self.workspace.map_or_else(String::new, |id| format!("and workspace = '{id}'"));
        let sql = format!("select {COLUMNS} from log.events where partition = $1 {mine} order by position");
        let mut rows = pin!(self.client.query_raw(&sql, [partition]).await?);
        while let Some(row) = rows.try_next().await? {
            let (personal, event) = lines(&row)?;
            if let Some(personal) = personal {
                self.put(&personal).await?;
            }
            roots.entry(row.try_get(2)?).or_default().push(Hash::of_leaf(event.as_bytes()), |_, _| {});
            self.put(&event).await?;
            moved.events += 1;
            if moved.events.is_multiple_of(STEP) {
                progress(*moved);
            }
        }
        Ok(())
    }

    async fn line(&mut self, line: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_string(line).map_err(|error| Error::Bug(error.to_string()))?;
        self.put(&text).await
    }

    async fn put(&mut self, line: &str) -> Result<(), Error> {
        for bytes in [line.as_bytes(), b"\n"] {
            self.sha256.update(bytes);
            self.out.write_all(bytes).await.map_err(|error| unwritable(&error))?;
        }
        Ok(())
    }
}

fn unwritable(error: &std::io::Error) -> Error {
    Error::Unavailable(format!("the backup can't be written: {error}"))
}
