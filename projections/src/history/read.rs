//! Finding a workspace's events. The notary's lowest tiles list their positions; what it has not witnessed yet is at the
//! end of the log, and looked through.

use docket_domain::ids::WorkspaceId;
use docket_domain::{Aggregate, Recorded, Snapshot};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::Stretch;
use crate::db::Session;
use crate::guard::{ReadAs, guarded};
use crate::log::{COLUMNS, recorded};
use crate::notary::{TILE, places};
use crate::past::Moment;
use crate::sql::Binds;
use crate::{Error, Reads};

/// So much of the end of the log is looked through at a time.
const WINDOW: i64 = 5_000;

/// Where a workspace's events are.
struct Index {
    head: i64,
    witnessed: i64,
    positions: Vec<i64>,
}

impl Reads {
    /// Whether the reader's key still counts: else [`Error::Revoked`].
    pub async fn check(&self, reader: &ReadAs) -> Result<(), Error> {
        let shape = self.shapes().get(("check", Vec::new()), || guarded("", "", "select"));
        self.ask(reader, &[], &shape, &Binds::default()).await.map(drop)
    }

    /// The first event of the workspace after a position. For those who know that they may see it.
    pub async fn next(&self, workspace: WorkspaceId, after: i64) -> Result<Option<Recorded>, Error> {
        let sql = format!("select {COLUMNS} from log.events_between($1, $2, $3, 1) where workspace = $4");
        let partition = self.partition_of(workspace);
        let params: [&(dyn ToSql + Sync); 4] = [&partition, &after, &i64::MAX, &workspace.0];
        let rows = self.session().await?.rows_of(workspace.0, &sql, &params).await?;
        rows.first().map(|row| recorded(row, 0)).transpose()
    }

    /// The workspace's events after a position, at most `limit` of them. For those who know that they may see them.
    pub async fn history(&self, workspace: WorkspaceId, after: i64, limit: usize) -> Result<Stretch<Recorded>, Error> {
        let partition = self.partition_of(workspace);
        let mut session = self.session().await?;
        let index = index(&mut session, (workspace.0, partition), after, limit).await?;
        let mut events = Vec::new();
        if !index.positions.is_empty() {
            let sql = format!("select {COLUMNS} from log.events_at($1, $2) where workspace = $3");
            let rows = session.rows_of(workspace.0, &sql, &[&partition, &index.positions, &workspace.0]).await?;
            events = rows.iter().map(|row| recorded(row, 0)).collect::<Result<_, _>>()?;
        }
        if let Some(last) = index.positions.last().filter(|_| index.positions.len() >= limit) {
            return Ok(Stretch { events, through: *last, head: index.head });
        }
        let (from, room) = (after.max(index.witnessed), (limit - index.positions.len()) as i64);
        let mut through = from.max(index.head.min(from + WINDOW));
        if through > from {
            let sql = format!("select {COLUMNS} from log.events_between($1, $2, $3, $4) where workspace = $5");
            let params: [&(dyn ToSql + Sync); 5] = [&partition, &from, &through, &room, &workspace.0];
            let rows = session.rows_of(workspace.0, &sql, &params).await?;
            let tail: Vec<Recorded> = rows.iter().map(|row| recorded(row, 0)).collect::<Result<_, _>>()?;
            if let Some(last) = tail.last().filter(|_| tail.len() as i64 >= room) {
                through = last.position;
            }
            events.extend(tail);
        }
        Ok(Stretch { events, through, head: index.head })
    }
}

impl Reads {
    /// An aggregate as it is, straight from the log: for those that have no read model.
    pub async fn folded<A: Aggregate>(
        &self,
        reader: &ReadAs,
        id: Uuid,
        as_of: Option<Moment>,
    ) -> Result<Snapshot<A>, Error> {
        self.check(reader).await?;
        let (workspace, partition) = (reader.workspace.0, self.partition_of(reader.workspace));
        let sql = format!("select {COLUMNS} from log.events_before($1, $2, $3) where workspace = $4");
        let (streams, versions) = ([id], [i64::MAX]);
        let params: [&(dyn ToSql + Sync); 4] = [&partition, &streams.as_slice(), &versions.as_slice(), &workspace];
        let rows = self.session().await?.rows_of(workspace, &sql, &params).await?;
        let mut snapshot = Snapshot::blank(id);
        for row in &rows {
            let event = recorded(row, 0)?;
            if as_of.is_none_or(|moment| moment.includes(&event)) {
                snapshot.fold(&event).map_err(|error| Error::Bug(error.to_string()))?;
            }
        }
        Ok(snapshot)
    }
}

async fn index(
    session: &mut Session,
    (workspace, partition): (Uuid, i16),
    after: i64,
    limit: usize,
) -> Result<Index, Error> {
    // The tile in which the position lies, and as many more as it takes.
    let tiles = (limit / TILE + 2) as i64;
    let sql = "select h.position, coalesce(w.position, 0), x.places from log.heads h \
               left join audit.witnessed w on w.partition = h.partition \
               left join lateral (select t.places from audit.tiles t where t.workspace = $1 and t.level = 0 \
               and t.first >= coalesce((select max(f.first) from audit.tiles f where f.workspace = $1 and f.level = 0 \
               and f.first <= $3), 0) order by t.first limit $4) x on true where h.partition = $2";
    let rows = session.rows_of(workspace, sql, &[&workspace, &partition, &after, &tiles]).await?;
    let mut index = Index { head: 0, witnessed: 0, positions: Vec::new() };
    for row in &rows {
        (index.head, index.witnessed) = (row.try_get(0)?, row.try_get(1)?);
        index.positions.extend(places(row.try_get::<_, Option<&[u8]>>(2)?.unwrap_or_default()));
    }
    index.positions.sort_unstable();
    index.positions.retain(|position| *position > after);
    index.positions.truncate(limit);
    Ok(index)
}
