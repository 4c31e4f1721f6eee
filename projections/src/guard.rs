//! What stands before every answer: is the key still good, is its member still what they were when they were let in, and
//! what must this reader see at least? All is read by the very statement that reads the answer, so it costs no round trip
//! and is never out of date: a revocation, or another role, counts at once on every node, and a write is seen by the next
//! read with the same key on any node.

use docket_domain::ids::{KeyId, MemberId, WorkspaceId};
use docket_domain::member::{Member, Role};
use docket_domain::{Snapshot, envelope};
use docket_failpoints::failpoint;
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
    /// The member it acts for, as what they were let in.
    pub member: Option<Standing>,
    /// A position of the workspace's partition that the answer must include (`Docket-Min-Position`).
    pub min_position: Option<i64>,
}

/// What a member was let in as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The member.
    pub member: MemberId,
    /// Their role.
    pub role: Role,
    /// The version of theirs that this was seen of.
    pub version: i64,
}

/// Parameters every guarded statement starts with: $1 the workspace, $2 its partition, $3 the key, $4 its member.
pub(crate) const FIXED: usize = 4;
/// Columns every guarded row starts with: alive, mark, the member's version.
pub(crate) const COLUMNS: usize = 3;

/// A statement that reads the guard and, beside it, the rows of `answer`. `more` are columns besides, `facts` what both
/// may refer to. (One row for each document is better than all in one: large texts make the server's memory grow and
/// shrink with every answer.)
pub(crate) fn guarded(more: &str, facts: &str, answer: &str) -> String {
    format!(
        "select s.alive and coalesce(s.expires_at > now(), true) and coalesce(who.alive, $4::uuid is null), s.mark, \
         who.version{more}, q.* from log.streams s left join log.streams who \
         on who.partition = $2::int2 and who.id = $4::uuid and who.workspace = $1::uuid {facts} left join lateral ({answer}) q on true \
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
        let member = reader.member.map(|was| was.member.0);
        let mut params: Vec<&(dyn ToSql + Sync)> = vec![&workspace, &partition, &key, &member];
        params.extend(binds.values());
        let deadline = Instant::now() + crate::freshness::PATIENCE;
        loop {
            if self.are_crowded() {
                return Err(Error::Crowded);
            }
            let mut session = self.session().await?;
            // Known before asking, so the answer has it all.
            let known = self.positions().known(partition, models);
            let rows = session.shape_of(workspace, shape, &params).await?;
            drop(session);
            let first = rows.first().ok_or(Error::Revoked)?;
            let needed = needed(first, reader)?;
            if let Some(was) = reader.member
                && first.try_get::<_, Option<i64>>(2)? != Some(was.version)
            {
                self.recognise(reader.workspace, &was, deadline).await?;
            }
            if needed <= known || failpoint!("reads-do-not-wait") {
                return Ok(rows);
            }
            metrics::counter!("docket_reads_waited_total").increment(1);
            self.positions().reach(partition, models, needed, deadline).await?;
        }
    }
}

impl Reads {
    /// Whether a member who has changed still has the role that let them in.
    async fn recognise(&self, workspace: WorkspaceId, was: &Standing, deadline: Instant) -> Result<(), Error> {
        let partition = self.partition_of(workspace);
        let head = self.head(workspace).await?;
        self.positions().reach(partition, &[crate::members::NAME], head, deadline).await?;
        let sql = "select m.doc from members m where m.workspace = $1 and m.id = $2";
        let rows = self.session().await?.rows_of(workspace.0, sql, &[&workspace.0, &was.member.0]).await?;
        let doc: &str = rows.first().ok_or(Error::Revoked)?.try_get(0)?;
        let now: Snapshot<Member> = serde_json::from_str(doc).map_err(|error| Error::Bug(error.to_string()))?;
        if now.state.role == was.role { Ok(()) } else { Err(Error::OtherRole) }
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
