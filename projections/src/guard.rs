//! What stands before every answer: is the key still good, and what must this reader see at least? Both are read by the
//! very statement that reads the answer, so they cost no round trip and are never out of date: a revocation counts at
//! once on every node, and a write is seen by the next read with the same key on any node.

use docket_domain::envelope;
use docket_domain::ids::{KeyId, WorkspaceId};
use tokio::time::Instant;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::sql::{Binds, Shape};
use crate::{Error, Reads};

/// On whose behalf a read is done.
#[derive(Clone, Copy, Debug)]
pub struct ReadAs {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The key that was shown.
    pub key: KeyId,
    /// A position of the workspace's partition that the answer must include (`Docket-Min-Position`).
    pub min_position: Option<i64>,
}

/// Parameters every guarded statement starts with: $1 the workspace, $2 its partition, $3 the key.
pub(crate) const FIXED: usize = 3;
/// Columns every guarded row starts with: alive, mark.
pub(crate) const COLUMNS: usize = 2;

/// A statement that reads the guard and, beside it, the rows of `answer`. `more` are columns besides, `facts` what both
/// may refer to. (One row for each document is better than all in one: large texts make the server's memory grow and
/// shrink with every answer.)
pub(crate) fn guarded(more: &str, facts: &str, answer: &str) -> String {
    format!(
        "select s.alive and coalesce(s.expires_at > now(), true), s.mark{more}, q.* from log.streams s {facts} \
         left join lateral ({answer}) q on true \
         where s.partition = $2::int2 and s.id = $3::uuid and s.workspace = $1::uuid"
    )
}

impl ReadAs {
    /// The same reader, of an answer that includes this position.
    pub(crate) fn after(self, position: i64) -> Self {
        Self { min_position: self.min_position.max(Some(position)), ..self }
    }
}

impl Reads {
    /// Runs a guarded statement until its answer includes what it must. `models` are those it reads. There is at least
    /// one row.
    pub(crate) async fn ask(
        &self,
        reader: &ReadAs,
        models: &[&'static str],
        shape: &Shape,
        binds: &Binds,
    ) -> Result<Vec<Row>, Error> {
        let partition = self.partition_of(reader.workspace);
        let (workspace, key) = (reader.workspace.0, reader.key.0);
        let mut params: Vec<&(dyn ToSql + Sync)> = vec![&workspace, &partition, &key];
        params.extend(binds.values());
        let deadline = Instant::now() + crate::freshness::PATIENCE;
        loop {
            let mut session = self.session().await?;
            // Known before asking, so the answer has it all.
            let known = self.positions().known(partition, models);
            let rows = session.shape_of(workspace, shape, &params).await?;
            let needed = needed(rows.first().ok_or(Error::Revoked)?, reader)?;
            if needed <= known {
                return Ok(rows);
            }
            drop(session);
            metrics::counter!("docket_reads_waited_total").increment(1);
            self.positions().reach(partition, models, needed, deadline).await?;
        }
    }
}

/// The position that the answer must include.
fn needed(row: &Row, reader: &ReadAs) -> Result<i64, Error> {
    if row.try_get::<_, Option<bool>>(0)? != Some(true) {
        return Err(Error::Revoked);
    }
    Ok(row.try_get::<_, i64>(1)?.max(reader.min_position.unwrap_or(0)))
}

/// Which partition a workspace's history lives in.
pub(crate) fn partition_of(workspace: WorkspaceId, partitions: i16) -> i16 {
    envelope::partition_of(workspace, partitions)
}
