//! What stands before every answer: is the key still good, and has the model reached what this reader must see? Both
//! are read by the statement that reads the answer, so they cost no round trip and can't be out of date: a revocation
//! counts at once on every node, and a write is seen by the next read with the same key on any node.

use docket_domain::envelope;
use docket_domain::ids::{KeyId, WorkspaceId};
use tokio::time::Instant;
use tokio_postgres::Row;

use crate::sql::Binds;
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
/// Columns every guarded row starts with: alive, mark, position.
pub(crate) const COLUMNS: usize = 3;

/// A statement that reads the guard and, beside it, `answer`. `models` are those it reads; `once` are more columns that
/// are the same for all rows.
///
/// The checkpoints come first: should a rebuilt model become live just while the names are looked up, the worst is an
/// old checkpoint beside new rows, never the other way round.
pub(crate) fn guarded(models: &[&str], once: &str, answer: &str) -> String {
    let name = |at: usize| format!("a{at}");
    let (mut tables, mut conditions, mut positions) = (Vec::new(), Vec::new(), Vec::new());
    for (at, model) in models.iter().enumerate() {
        tables.push(format!("{model}_at {}", name(at)));
        conditions.push(format!("{}.partition = $2::int2", name(at)));
        positions.push(format!("{}.position", name(at)));
    }
    let (tables, conditions) = (tables.join(" cross join "), conditions.join(" and "));
    let position = match positions.as_slice() {
        [one] => one.clone(),
        several => format!("least({})", several.join(", ")),
    };
    format!(
        "select g.*, q.* from (select s.alive and (s.expires_at is null or s.expires_at > now()) as alive, s.mark, \
         {position} as position{once} from {tables} left join log.streams s on s.partition = $2::int2 and \
         s.id = $3::uuid and s.workspace = $1::uuid and s.kind = 'api_key' where {conditions}) g \
         left join ({answer}) q on true"
    )
}

impl Reads {
    /// Runs a guarded statement until its answer is fresh enough. There is at least one row.
    pub(crate) async fn ask(&self, reader: &ReadAs, sql: &str, binds: &Binds) -> Result<Vec<Row>, Error> {
        let partition = self.partition_of(reader.workspace);
        let (workspace, key) = (reader.workspace.0, reader.key.0);
        let mut params: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> = vec![&workspace, &partition, &key];
        params.extend(binds.values());
        let deadline = Instant::now() + crate::freshness::PATIENCE;
        loop {
            let rows = self.session().await?.rows_of(workspace, sql, &params).await?;
            let needed = match rows.first() {
                None => i64::MAX,
                Some(row) => match check(row, reader)? {
                    None => return Ok(rows),
                    Some(needed) => needed,
                },
            };
            metrics::counter!("docket_reads_waited_total").increment(1);
            self.positions().reach(partition, needed, deadline).await?;
        }
    }
}

/// The position still to be waited for, if any.
fn check(row: &Row, reader: &ReadAs) -> Result<Option<i64>, Error> {
    if row.try_get::<_, Option<bool>>(0)? != Some(true) {
        return Err(Error::Revoked);
    }
    let mark: Option<i64> = row.try_get(1)?;
    let position: i64 = row.try_get(2)?;
    let needed = mark.unwrap_or(0).max(reader.min_position.unwrap_or(0));
    Ok((needed > position).then_some(needed))
}

/// Which partition a workspace's history lives in.
pub(crate) fn partition_of(workspace: WorkspaceId, partitions: i16) -> i16 {
    envelope::partition_of(workspace, partitions)
}
