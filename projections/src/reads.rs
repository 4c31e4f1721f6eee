//! The door to all questions.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use docket_domain::ids::WorkspaceId;
use tokio::time::Instant;
use tokio_postgres::Row;

use crate::Error;
use crate::db::{self, Address, Borrowed, Pool, Purpose};
use crate::freshness::{PATIENCE, Positions};
use crate::guard::{COLUMNS, partition_of};
use crate::history::{Bell, States, Tails};
use crate::model::{NAMES, live_schemas};
use crate::seen::Seen;
use crate::sql::Shapes;
use crate::tasks::Few;

/// A resource as clients see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doc {
    /// How many events it has; the `ETag`.
    pub version: i64,
    /// Its JSON text.
    pub json: String,
}

/// The read side. Cheap to clone.
#[derive(Clone)]
pub struct Reads {
    inner: Arc<Inner>,
}

struct Inner {
    pool: Pool,
    partitions: i16,
    secret: Vec<u8>,
    positions: Positions,
    shapes: Shapes,
    seen: Seen,
    bell: Bell,
    tails: Tails,
    states: States,
    few: Few,
    most_waiting: AtomicUsize,
}

impl Reads {
    /// Opens the read side of an initialised and migrated database, over at most `pool_size` connections.
    pub async fn connect(database_url: &str, pool_size: usize) -> Result<Self, Error> {
        let address = Address::parse(database_url)?;
        let settings = Settings::load(&address).await?;
        let seen = Seen::new(address.clone())?;
        let bell = Bell::new(address.clone(), settings.partitions);
        let pool = db::pool(address, Purpose::Reading, &live_schemas(), pool_size)?;
        let positions = Positions::new(settings.partitions, pool.clone());
        let Settings { partitions, secret } = settings;
        let (shapes, tails, states, few) = (Shapes::default(), Tails::default(), States::default(), Few::default());
        let most_waiting = AtomicUsize::new(usize::MAX);
        let inner = Inner { pool, partitions, secret, positions, shapes, seen, bell, tails, states, few, most_waiting };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Which partition a workspace's history lives in.
    pub fn partition_of(&self, workspace: WorkspaceId) -> i16 {
        partition_of(workspace, self.inner.partitions)
    }

    /// How far the read models are, for the projector of this process to say.
    pub fn positions(&self) -> &Positions {
        &self.inner.positions
    }

    /// Waits until all read models show the workspace's history up to `position`; at most 2 seconds.
    pub async fn await_position(&self, workspace: WorkspaceId, position: i64) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        self.inner.positions.reach(self.partition_of(workspace), &NAMES, position, deadline).await
    }

    /// The last position of the workspace's partition: what an answer at least as new as this moment must include.
    pub async fn head(&self, workspace: WorkspaceId) -> Result<i64, Error> {
        let partition = self.partition_of(workspace);
        let sql = "select position from log.heads where partition = $1";
        let rows = self.session().await?.rows(sql, &[&partition]).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// Whether questions can be answered: the database is there and its read models are of this program's version.
    pub async fn ping(&self) -> Result<(), Error> {
        self.inner.positions.look().await
    }

    /// From now on no more than these wait for a connection: whoever else asks as a reader is refused.
    pub fn let_wait(&self, most: usize) {
        self.inner.most_waiting.store(most, Ordering::Relaxed);
    }

    /// How many wait for a connection.
    pub fn waiting(&self) -> usize {
        self.inner.pool.status().waiting
    }

    /// Whether no more may wait.
    pub(crate) fn are_crowded(&self) -> bool {
        self.waiting() >= self.inner.most_waiting.load(Ordering::Relaxed)
    }

    pub(crate) async fn session(&self) -> Result<Borrowed, Error> {
        Ok(self.inner.pool.get().await?)
    }

    pub(crate) fn secret(&self) -> &[u8] {
        &self.inner.secret
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.inner.seen
    }

    pub(crate) fn bell(&self) -> &Bell {
        &self.inner.bell
    }

    pub(crate) fn tails(&self) -> &Tails {
        &self.inner.tails
    }

    pub(crate) fn states(&self) -> &States {
        &self.inner.states
    }

    pub(crate) fn few(&self) -> &Few {
        &self.inner.few
    }

    /// Texts of statements.
    pub(crate) fn shapes(&self) -> &Shapes {
        &self.inner.shapes
    }
}

/// The document of a guarded row of (version, doc).
pub(crate) fn doc_of(row: &Row) -> Result<Option<Doc>, Error> {
    let (version, json): (Option<i64>, Option<String>) = (row.try_get(COLUMNS)?, row.try_get(COLUMNS + 1)?);
    Ok(version.zip(json).map(|(version, json)| Doc { version, json }))
}

/// What was decided when the database was initialised.
pub(crate) struct Settings {
    pub(crate) partitions: i16,
    pub(crate) secret: Vec<u8>,
}

impl Settings {
    pub(crate) async fn load(address: &Address) -> Result<Self, Error> {
        let client = address.connect().await?;
        let row = client.query_opt("select partitions, secret from log.settings", &[]).await?;
        let row =
            row.ok_or_else(|| Error::Unavailable("the database is not initialised: run `docket migrate`".to_owned()))?;
        Ok(Self { partitions: row.try_get(0)?, secret: row.try_get(1)? })
    }
}
