//! The log as SQL: initialising it, and reading events back.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use docket_domain::ids::WorkspaceId;
use docket_domain::{Metadata, Recorded};
use serde_json::value::RawValue;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, PgExecutor, PgPool, Row};
use uuid::Uuid;

use crate::Error;

/// The columns of [`Recorded`], in the form [`recorded`] reads them.
pub(crate) const COLUMNS: &str = "partition, position, workspace, kind, stream, version, event_type, event_version, \
     number, series, command, occurred_at, recorded_at, payload::text as payload, metadata::text as metadata, \
     personal::text as personal";

/// Fixes the number of partitions and the secret of a new database; an initialised one keeps what it has.
/// Answers the number of partitions.
pub async fn initialise(pool: &PgPool, partitions: i16, secret: &[u8; 32]) -> Result<i16, Error> {
    let found = sqlx::query_scalar("select log.initialise($1, $2)").bind(partitions).bind(&secret[..]).fetch_one(pool);
    Ok(found.await?)
}

/// The number of partitions of an initialised database.
pub async fn partitions(db: impl PgExecutor<'_>) -> Result<i16, Error> {
    let found = sqlx::query_scalar("select partitions from log.settings").fetch_optional(db).await?;
    found.ok_or_else(|| Error::Unavailable("the database is not initialised: run `docket migrate`".to_owned()))
}

/// The secret of an initialised database.
pub(crate) async fn secret(db: impl PgExecutor<'_>) -> Result<Vec<u8>, Error> {
    Ok(sqlx::query_scalar("select secret from log.settings").fetch_one(db).await?)
}

/// How long a standby is waited for: less than what a pool waits for a connection.
const CERTAIN_WITHIN: Duration = Duration::from_secs(4);

/// Waits until all that a new connection sees is there for good.
///
/// A primary that has crashed shows, once it is back, all that it had committed, also what its standby does not have and
/// nobody was answered. If the standby takes over then, something else will stand at those positions. A commit of one's
/// own is only answered when the standby has everything before it; what becomes visible from then on was answered first.
pub(crate) async fn be_certain(connection: &mut PgConnection, options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let commit = "begin; set local synchronous_commit = on; \
        select pg_logical_emit_message(true, 'docket', 'here'); commit";
    let process: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *connection).await?;
    if let Ok(done) = tokio::time::timeout(CERTAIN_WITHIN, connection.execute(commit)).await {
        return done.map(|_| ());
    }
    // It would wait on without us, and many such are all the connections that there are.
    let mut another = options.connect().await?;
    sqlx::query("select pg_terminate_backend($1)").bind(process).execute(&mut another).await?;
    another.close().await?;
    Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))
}

/// The last position of each partition, in order.
pub async fn heads(db: impl PgExecutor<'_>) -> Result<Vec<i64>, Error> {
    Ok(sqlx::query_scalar("select position from log.heads order by partition").fetch_all(db).await?)
}

/// The events of one aggregate after version `after`, up to and with version `to`.
pub(crate) async fn stream(
    db: impl PgExecutor<'_>,
    partition: i16,
    workspace: WorkspaceId,
    stream: Uuid,
    after: i64,
    to: i64,
) -> Result<Vec<Recorded>, Error> {
    let sql = format!(
        "select {COLUMNS} from log.events where partition = $1 and stream = $2 and workspace = $3 \
         and version > $4 and version <= $5 order by version"
    );
    let rows = sqlx::query(&sql).bind(partition).bind(stream).bind(workspace.0).bind(after).bind(to);
    rows.fetch_all(db).await?.iter().map(recorded).collect()
}

/// All events of these aggregates, each one's in order.
pub(crate) async fn streams(
    db: impl PgExecutor<'_>,
    partition: i16,
    workspace: WorkspaceId,
    streams: &[Uuid],
) -> Result<Vec<Recorded>, Error> {
    let sql = format!(
        "select {COLUMNS} from unnest($2::uuid[]) s cross join lateral \
         (select * from log.events e where e.partition = $1 and e.stream = s and e.workspace = $3 offset 0) e \
         order by stream, version"
    );
    let rows = sqlx::query(&sql).bind(partition).bind(streams).bind(workspace.0);
    rows.fetch_all(db).await?.iter().map(recorded).collect()
}

/// What comes after these positions of these partitions, at most `limit` events of each; per partition in order.
pub(crate) async fn after(
    db: impl PgExecutor<'_>,
    partitions: &[i16],
    positions: &[i64],
    limit: i64,
) -> Result<Vec<Recorded>, Error> {
    let sql = format!(
        "select {COLUMNS} from unnest($1::smallint[], $2::bigint[]) as p(of, after) cross join lateral \
         (select * from log.events e where e.partition = p.of and e.position > p.after \
          order by e.position limit $3) e order by partition, position"
    );
    let rows = sqlx::query(&sql).bind(partitions).bind(positions).bind(limit);
    rows.fetch_all(db).await?.iter().map(recorded).collect()
}

/// All events of the aggregates that hold a claim of this scope, each in order: of the members, those of `member.email`.
pub(crate) async fn holders(
    db: impl PgExecutor<'_>,
    partition: i16,
    workspace: WorkspaceId,
    scope: &str,
) -> Result<Vec<Recorded>, Error> {
    let columns: Vec<_> = COLUMNS.split(", ").map(|column| format!("e.{}", column.trim())).collect();
    let sql = format!(
        "select {} from log.claims c join log.events e on e.partition = c.partition and e.stream = c.holder \
         where c.partition = $1 and c.workspace = $2 and c.scope = $3 order by e.stream, e.version",
        columns.join(", ")
    );
    let rows = sqlx::query(&sql).bind(partition).bind(workspace.0).bind(scope);
    rows.fetch_all(db).await?.iter().map(recorded).collect()
}

/// The versions of those of these aggregates that are alive.
pub(crate) async fn standing(
    db: impl PgExecutor<'_>,
    partition: i16,
    workspace: WorkspaceId,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, i64>, Error> {
    let sql = "select s.id, s.version from unnest($3::uuid[]) i join log.streams s on s.partition = $1 and s.id = i \
               where s.workspace = $2 and s.alive and coalesce(s.expires_at > now(), true)";
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(sql).bind(partition).bind(workspace.0).bind(ids).fetch_all(db).await?;
    Ok(rows.into_iter().collect())
}

/// What was answered to a command sent with an idempotency key.
#[derive(sqlx::FromRow)]
pub(crate) struct Receipt {
    pub fingerprint: Vec<u8>,
    pub position: i64,
    pub memo: String,
}

/// The receipt of a principal's idempotency key.
pub(crate) async fn receipt(
    db: impl PgExecutor<'_>,
    partition: i16,
    principal: Uuid,
    key: &[u8],
) -> Result<Option<Receipt>, Error> {
    let sql =
        "select fingerprint, position, memo from log.receipts where partition = $1 and principal = $2 and key = $3";
    Ok(sqlx::query_as(sql).bind(partition).bind(principal).bind(key).fetch_optional(db).await?)
}

/// Reads a row of [`COLUMNS`].
fn recorded(row: &PgRow) -> Result<Recorded, Error> {
    let bug = |what: &str, error: serde_json::Error| Error::Bug(format!("{what} of a stored event: {error}"));
    let metadata: &str = row.try_get("metadata")?;
    let personal = row.try_get::<Option<String>, _>("personal")?.map(RawValue::from_string).transpose();
    Ok(Recorded {
        partition: row.try_get("partition")?,
        position: row.try_get("position")?,
        workspace: WorkspaceId(row.try_get("workspace")?),
        kind: row.try_get("kind")?,
        stream: row.try_get("stream")?,
        version: row.try_get("version")?,
        event_type: row.try_get("event_type")?,
        event_version: row.try_get("event_version")?,
        number: row.try_get("number")?,
        series: row.try_get("series")?,
        command: row.try_get("command")?,
        occurred_at: row.try_get::<DateTime<Utc>, _>("occurred_at")?,
        recorded_at: row.try_get::<DateTime<Utc>, _>("recorded_at")?,
        payload: RawValue::from_string(row.try_get("payload")?).map_err(|error| bug("payload", error))?,
        personal: personal.map_err(|error| bug("what is personal", error))?,
        metadata: serde_json::from_str::<Metadata>(metadata).map_err(|error| bug("metadata", error))?,
    })
}
