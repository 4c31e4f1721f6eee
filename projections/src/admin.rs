//! Looking after read models: how far are they, what is parked, build them anew.

use chrono::{DateTime, Utc};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::Error;
use crate::db::{self, Address, Pool, Purpose};
use crate::model::{NAMES, live_schemas};
use crate::reads::Settings;
use crate::rebuild::drop_old;

/// The read models, to be looked after.
pub struct Projections {
    pub(crate) address: Address,
    pub(crate) pool: Pool,
    pub(crate) partitions: i16,
}

/// How one model is doing in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelStatus {
    /// The model.
    pub model: String,
    /// The partition.
    pub partition: i16,
    /// The last position it has taken in.
    pub position: i64,
    /// The last position of the log.
    pub head: i64,
    /// How many events are parked.
    pub parked: i64,
    /// When the last event it has taken in was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Whether a new version is being built, or an old one still there.
    pub state: ModelState,
}

/// What there is of a model besides the live one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelState {
    /// Nothing.
    Live,
    /// A new version is being built (or its building was interrupted).
    Rebuilding,
    /// An old version waits to be dropped.
    OldKept,
}

impl ModelStatus {
    /// How many events it has yet to take in.
    pub fn lag(&self) -> i64 {
        self.head - self.position
    }
}

/// An event that a model could not take in, or that waits behind such a one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedEvent {
    /// The model.
    pub model: String,
    /// The partition.
    pub partition: i16,
    /// The event's position.
    pub position: i64,
    /// The tenant.
    pub workspace: Uuid,
    /// The aggregate.
    pub stream: Uuid,
    /// The event's place in its aggregate.
    pub version: i64,
    /// Why; empty if it only waits.
    pub error: String,
    /// Since when.
    pub parked_at: DateTime<Utc>,
}

impl Projections {
    /// Opens the read models of a migrated database. The URL's role must own them.
    pub async fn connect(database_url: &str) -> Result<Self, Error> {
        let address = Address::parse(database_url)?;
        let partitions = Settings::load(&address).await?.partitions;
        let pool = db::pool(address.clone(), Purpose::Projecting, &live_schemas(), 2)?;
        Ok(Self { address, pool, partitions })
    }

    /// How every model is doing in every partition.
    pub async fn list(&self) -> Result<Vec<ModelStatus>, Error> {
        let each: Vec<_> = NAMES
            .iter()
            .map(|model| {
                format!(
                    "select '{model}', h.partition, coalesce(a.position, 0), h.position, (select count(*) \
                     from read.parked p where p.model = '{model}' and p.partition = h.partition), \
                     coalesce(a.recorded_at, 'epoch'), to_regnamespace('read_{model}_next') is not null, \
                     exists (select from pg_namespace where nspname ~ '^read_{model}_old_') \
                     from log.heads h left join {model}_at a on a.partition = h.partition"
                )
            })
            .collect();
        let sql = format!("{} order by 1, 2", each.join(" union all "));
        let rows = self.pool.get().await?.rows(&sql, &[]).await?;
        rows.iter()
            .map(|row| {
                let state = match (row.try_get(6)?, row.try_get(7)?) {
                    (true, _) => ModelState::Rebuilding,
                    (false, true) => ModelState::OldKept,
                    (false, false) => ModelState::Live,
                };
                Ok(ModelStatus {
                    model: row.try_get(0)?,
                    partition: row.try_get(1)?,
                    position: row.try_get(2)?,
                    head: row.try_get(3)?,
                    parked: row.try_get(4)?,
                    recorded_at: row.try_get(5)?,
                    state,
                })
            })
            .collect()
    }

    /// Everything that is parked, in order.
    pub async fn parked(&self) -> Result<Vec<ParkedEvent>, Error> {
        let sql = "select model, partition, position, workspace, stream, version, error, parked_at from read.parked \
                   order by model, partition, position";
        let rows = self.pool.get().await?.rows(sql, &[]).await?;
        rows.iter()
            .map(|row| {
                Ok(ParkedEvent {
                    model: row.try_get(0)?,
                    partition: row.try_get(1)?,
                    position: row.try_get(2)?,
                    workspace: row.try_get(3)?,
                    stream: row.try_get(4)?,
                    version: row.try_get(5)?,
                    error: row.try_get(6)?,
                    parked_at: row.try_get(7)?,
                })
            })
            .collect()
    }

    /// Drops the old versions that rebuilds have left; answers the schemas' names.
    pub async fn drop_old(&self) -> Result<Vec<String>, Error> {
        drop_old(&self.owner().await?).await
    }

    /// A connection with the rights of the tables' owner.
    pub(crate) async fn owner(&self) -> Result<Client, Error> {
        let client = self.address.connect().await?;
        client.batch_execute(&Purpose::Owning.setup("")).await?;
        Ok(client)
    }
}
