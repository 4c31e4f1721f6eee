//! The cursors of webhooks: each is held by whoever sends, and moved only from where it was believed to be.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use docket_domain::ids::WorkspaceId;
use docket_domain::message::Message;
use docket_domain::snapshot::Snapshot;
use docket_domain::webhook::{Fields, Webhook};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::Error;
use crate::db::{self, Address, Borrowed, Pool, Purpose};
use crate::guard::partition_of;
use crate::model::live_schemas;
use crate::reads::Settings;

/// How long an endpoint is held without a word from who holds it, in seconds.
const HELD: f64 = 20.0;
/// How long it takes at most until one that was paused is looked at again.
const ASIDE: Duration = Duration::from_secs(30);
/// So many attempts of a webhook are remembered.
const REMEMBERED: i64 = 1_000;

/// The cursors. Cheap to clone.
#[derive(Clone)]
pub struct Deliveries {
    pool: Pool,
    partitions: i16,
    secret: Arc<[u8]>,
}

/// An endpoint that somebody sends to, until they let go of it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The webhook.
    pub webhook: Uuid,
    /// Everything up to here was taken, or is not wanted.
    pub position: i64,
    /// What was taken after that already.
    pub ahead: BTreeSet<i64>,
    /// How often the next one was tried in vain.
    pub attempt: i32,
    version: i64,
    holder: Uuid,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What was answered, if anything.
    pub status: Option<u16>,
    /// Why it counts as failed; none: it was taken.
    pub error: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// An attempt to be noted.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The message.
    pub message: Arc<Message>,
    /// Which attempt it was: 1, 2, 3 …
    pub nth: i32,
    /// When it was over.
    pub at: DateTime<Utc>,
    /// What came of it.
    pub attempt: Attempt,
}

impl Deliveries {
    /// Opens the cursors of an initialised database.
    pub async fn connect(database_url: &str) -> Result<Self, Error> {
        let address = Address::parse(database_url)?;
        let Settings { partitions, secret } = Settings::load(&address).await?;
        let pool = db::pool(address, Purpose::Projecting, &format!("webhooks, {}", live_schemas()), 4)?;
        Ok(Self { pool, partitions, secret: secret.into() })
    }

    pub(super) async fn session(&self) -> Result<Borrowed, Error> {
        Ok(self.pool.get().await?)
    }

    /// The installation's secret, from which those of webhooks follow.
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// Gives new webhooks a cursor, and lets those go on at once that were changed.
    pub async fn register(&self) -> Result<(), Error> {
        let mut session = self.pool.get().await?;
        let sql = "select e.workspace, e.id, e.version, e.doc from entries e where e.kind = 6 and not exists \
                   (select from cursors c where c.workspace = e.workspace and c.webhook = e.id)";
        for row in session.rows(sql, &[]).await? {
            let (workspace, id, version): (Uuid, Uuid, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let partition = partition_of(WorkspaceId(workspace), self.partitions);
            let all = parse(row.try_get(3)?)?.from_beginning;
            let sql = "insert into cursors (workspace, webhook, partition, version, position) \
                       select $1, $2, $3, $4, case when $5 then 0 else e.position end from log.events e \
                       where e.partition = $3 and e.stream = $2 and e.version = 1 on conflict do nothing";
            session.rows(sql, &[&workspace, &id, &partition, &version, &all]).await?;
        }
        let sql = "update cursors c set version = e.version, next_at = now() from entries e \
                   where e.kind = 6 and e.workspace = c.workspace and e.id = c.webhook and e.version <> c.version";
        session.rows(sql, &[]).await?;
        Ok(())
    }

    /// Takes hold of endpoints that there may be something for.
    pub async fn claim(&self, most: i64) -> Result<Vec<Endpoint>, Error> {
        // Of each time by itself: who took hold earlier, and lost it, is somebody else.
        let sql = "update cursors c set holder = gen_random_uuid(), held_until = now() + make_interval(secs => $1) \
                   from (select c.workspace, c.webhook from log.heads h \
                   join cursors c on c.partition = h.partition and c.position < h.position \
                   where c.next_at <= now() and c.held_until <= now() \
                   order by c.next_at limit $2 for update of c skip locked) due \
                   where c.workspace = due.workspace and c.webhook = due.webhook \
                   returning c.workspace, c.webhook, c.position, c.ahead, c.attempt, c.version, c.holder";
        let rows = self.pool.get().await?.rows(sql, &[&HELD, &most]).await?;
        rows.iter()
            .map(|row| {
                Ok(Endpoint {
                    workspace: WorkspaceId(row.try_get(0)?),
                    webhook: row.try_get(1)?,
                    position: row.try_get(2)?,
                    ahead: row.try_get::<_, Vec<i64>>(3)?.into_iter().collect(),
                    attempt: row.try_get(4)?,
                    version: row.try_get(5)?,
                    holder: row.try_get(6)?,
                })
            })
            .collect()
    }

    /// The webhook as it is now; none, if it is gone.
    pub async fn webhook(&self, endpoint: &Endpoint) -> Result<Option<Fields>, Error> {
        let sql = "select e.doc from entries e where e.workspace = $1 and e.id = $2 and not e.deleted";
        let rows = self.pool.get().await?.rows(sql, &[&endpoint.workspace.0, &endpoint.webhook]).await?;
        rows.first().map(|row| parse(row.try_get(0)?)).transpose()
    }

    /// Writes down how far an endpoint is, and what was tried. False, if somebody else has it by now, or it is to begin
    /// elsewhere: then it goes on without who asks.
    pub async fn save(&self, endpoint: &Endpoint, tried: &[Tried]) -> Result<bool, Error> {
        let sql = "with moved as (update cursors set position = $4, ahead = $5, \
                   attempt = case when position < $4 then 0 else attempt end, \
                   failing_since = case when position < $4 then null else failing_since end, \
                   held_until = now() + make_interval(secs => $6) \
                   where workspace = $1 and webhook = $2 and holder = $3 returning true), \
                   noted as (insert into deliveries (workspace, webhook, message, event_type, attempt, at, took_ms, status, error) \
                   select $1, $2, * from unnest($7::text[], $8::text[], $9::int4[], $10::timestamptz[], $11::int4[], \
                   $12::int2[], $13::text[]) returning id) \
                   select exists (select from moved), min(id), max(id) from noted";
        let ahead: Vec<i64> = endpoint.ahead.iter().copied().collect();
        let messages: Vec<&str> = tried.iter().map(|one| one.message.id.as_str()).collect();
        let event_types: Vec<&str> = tried.iter().map(|one| one.message.event_type.as_str()).collect();
        let nths: Vec<i32> = tried.iter().map(|one| one.nth).collect();
        let ats: Vec<DateTime<Utc>> = tried.iter().map(|one| one.at).collect();
        let took: Vec<i32> = tried.iter().map(|one| one.attempt.took.as_millis() as i32).collect();
        let statuses: Vec<Option<i16>> =
            tried.iter().map(|one| one.attempt.status.map(|status| status as i16)).collect();
        let errors: Vec<Option<&str>> = tried.iter().map(|one| one.attempt.error.as_deref()).collect();
        let Endpoint { workspace, webhook, position, holder, .. } = endpoint;
        let cursor: [&(dyn ToSql + Sync); 6] = [&workspace.0, webhook, holder, position, &ahead, &HELD];
        let noted: [&(dyn ToSql + Sync); 7] = [&messages, &event_types, &nths, &ats, &took, &statuses, &errors];
        let mut session = self.pool.get().await?;
        let rows = session.rows(sql, &[cursor.as_slice(), noted.as_slice()].concat()).await?;
        let Some(row) = rows.first() else { return Ok(false) };
        let (first, last): (Option<i64>, Option<i64>) = (row.try_get(1)?, row.try_get(2)?);
        // Seldom, for it is looked for by counting.
        if let (Some(first), Some(last)) = (first, last)
            && (first - 1) / 100 < last / 100
        {
            let sql = "delete from deliveries where workspace = $1 and webhook = $2 and id <= (select id from deliveries \
                       where workspace = $1 and webhook = $2 order by id desc offset $3 limit 1)";
            session.rows(sql, &[&workspace.0, webhook, &REMEMBERED]).await?;
        }
        Ok(row.try_get(0)?)
    }

    /// Lets go of an endpoint until there is something again.
    pub async fn release(&self, endpoint: &Endpoint) -> Result<(), Error> {
        self.let_go(endpoint, 0, Duration::ZERO).await
    }

    /// Lets go of an endpoint that wants nothing just now. It goes on when it is changed.
    pub async fn lay_aside(&self, endpoint: &Endpoint) -> Result<(), Error> {
        self.let_go(endpoint, 0, ASIDE).await
    }

    /// Lets go of an endpoint that has not taken what it was sent, for so long.
    pub async fn put_off(&self, endpoint: &Endpoint, wait: Duration) -> Result<(), Error> {
        self.let_go(endpoint, 1, wait).await
    }

    /// One that was changed meanwhile goes on at once.
    async fn let_go(&self, endpoint: &Endpoint, failed: i32, wait: Duration) -> Result<(), Error> {
        let sql = "update cursors set held_until = now(), attempt = attempt + $4, \
                   failing_since = case when $4 > 0 then coalesce(failing_since, now()) else failing_since end, \
                   next_at = case when version = $6 then now() + make_interval(secs => $5) else now() end \
                   where workspace = $1 and webhook = $2 and holder = $3";
        let Endpoint { workspace, webhook, version, holder, .. } = endpoint;
        let wait = wait.as_secs_f64();
        self.pool.get().await?.rows(sql, &[&workspace.0, webhook, holder, &failed, &wait, version]).await?;
        Ok(())
    }

    /// Begins again after a position, at once, without whoever sends to it now. False, if there is no such webhook.
    pub async fn replay(&self, workspace: WorkspaceId, webhook: Uuid, after: i64) -> Result<bool, Error> {
        self.register().await?;
        let sql = "update cursors set position = $3, ahead = '{}', attempt = 0, failing_since = null, \
                   next_at = now(), held_until = now(), holder = null \
                   where workspace = $1 and webhook = $2 returning true";
        Ok(!self.pool.get().await?.rows(sql, &[&workspace.0, &webhook, &after]).await?.is_empty())
    }
}

fn parse(doc: &str) -> Result<Fields, Error> {
    let webhook: Snapshot<Webhook> = serde_json::from_str(doc).map_err(|error| Error::Bug(error.to_string()))?;
    Ok(webhook.state.fields)
}
