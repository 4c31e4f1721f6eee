//! Pools of sessions, one kind per purpose.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Object, PoolError, RecycleError, RecycleResult, Timeouts};
use tokio::time::timeout;
use tokio_postgres::Client;

use super::{Address, Session};
use crate::Error;

/// What a session is for: whose rights it has, and how its statements are planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Answering readers, one tenant at a time.
    Reading,
    /// Writing read models.
    Projecting,
    /// Making and moving tables: the owner's work.
    Owning,
}

impl Purpose {
    /// Where a plan depends on statistics it can be badly wrong: they are missing on new tables and late on growing
    /// ones. Readers' queries each have an index made for them, so generic plans that prefer indexes are both the
    /// fastest to have and never wrong by more than a little.
    pub(crate) fn setup(self, schemas: &str) -> String {
        let common = format!("set search_path = {schemas}; set jit = off; set plan_cache_mode = force_generic_plan;");
        match self {
            Self::Reading => format!(
                "{common} set role docket_reader; set statement_timeout = '5s'; set default_transaction_read_only = on; \
                 set enable_seqscan = off; set enable_bitmapscan = off; \
                 set enable_hashjoin = off; set enable_mergejoin = off; set max_parallel_workers_per_gather = 0"
            ),
            Self::Projecting => format!(
                "{common} set role docket_projector; set statement_timeout = '60s'; set synchronous_commit = off; \
                 set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; \
                 set idle_in_transaction_session_timeout = '30s'; set max_parallel_workers_per_gather = 0"
            ),
            Self::Owning => "set jit = off; set synchronous_commit = off; set maintenance_work_mem = '256MB'; \
                 set max_parallel_maintenance_workers = 2"
                .to_owned(),
        }
    }
}

/// A commit that is only answered when the standby has all that is visible: a primary that has crashed also shows, once it
/// is back, what its standby does not have, and nobody was answered. If the standby takes over then, something else will
/// stand there; so it is neither signed nor told. What becomes visible later was answered first.
const CERTAIN: &str = "begin; set local synchronous_commit = on; \
    select pg_logical_emit_message(true, 'docket', 'here'); commit";
/// Less than what a pool waits for a session.
const CERTAIN_WITHIN: Duration = Duration::from_secs(4);

/// Makes sessions for a pool.
pub(crate) struct Maker {
    address: Address,
    purpose: Purpose,
    setup: String,
    made: AtomicU64,
}

impl Maker {
    /// How many sessions were made so far. As long as that stays the same, the server has not been down: that would have
    /// ended them all, and others would have been made before anything else could be asked.
    pub(crate) fn made(&self) -> u64 {
        self.made.load(Ordering::Acquire)
    }

    async fn be_certain(&self, client: &Client) -> Result<(), Error> {
        match timeout(CERTAIN_WITHIN, client.batch_execute(CERTAIN)).await {
            Ok(done) => Ok(done?),
            Err(_) => {
                // It would wait on without us.
                self.address.cancel(client).await;
                Err(Error::Unavailable("PostgreSQL's standby does not answer".to_owned()))
            }
        }
    }
}

/// A pool of sessions.
pub(crate) type Pool = managed::Pool<Maker>;

/// A session on loan.
pub(crate) type Borrowed = Object<Maker>;

/// A pool of at most `size` sessions, whose unqualified names mean tables of `schemas`.
pub(crate) fn pool(address: Address, purpose: Purpose, schemas: &str, size: usize) -> Result<Pool, Error> {
    let patience = Some(Duration::from_secs(5));
    managed::Pool::builder(Maker { address, purpose, setup: purpose.setup(schemas), made: AtomicU64::new(0) })
        // The connection used last has the warmest plans and caches.
        .queue_mode(managed::QueueMode::Lifo)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts { wait: patience, create: patience, recycle: patience })
        .build()
        .map_err(|error| Error::Bug(error.to_string()))
}

impl managed::Manager for Maker {
    type Type = Session;
    type Error = Error;

    async fn create(&self) -> Result<Session, Error> {
        // Boxed: connecting is rare, and its future, with TLS in it, would make that of every read large.
        Box::pin(async {
            let client = self.address.connect().await?;
            if self.purpose == Purpose::Projecting {
                self.be_certain(&client).await?;
            }
            client.batch_execute(&self.setup).await?;
            self.made.fetch_add(1, Ordering::AcqRel);
            Ok(Session::new(client))
        })
        .await
    }

    async fn recycle(&self, session: &mut Session, _: &Metrics) -> RecycleResult<Error> {
        if session.is_closed() {
            return Err(RecycleError::message("the connection is closed"));
        }
        Ok(())
    }
}

impl From<PoolError<Error>> for Error {
    fn from(error: PoolError<Error>) -> Self {
        match error {
            PoolError::Backend(error) => error,
            PoolError::Timeout(_) => Self::Unavailable("every connection is busy".to_owned()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}
