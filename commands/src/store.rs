//! The store: cached states above the log, and the queue to each partition's committer.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use docket_domain::ids::WorkspaceId;
use docket_domain::{AnySnapshot, Recorded, envelope};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::{Notify, mpsc, oneshot};
use uuid::Uuid;

use crate::append::committer::{Committer, Pending};
use crate::append::pace::Pace;
use crate::append::{Append, Verdict, sql};
use crate::cache::{Cache, Entry};
use crate::{Config, Error, Request, log};

/// Loads states and appends to the log.
pub struct Store {
    pool: PgPool,
    options: PgConnectOptions,
    partitions: i16,
    cache: Cache,
    queue: usize,
    committers: Vec<OnceLock<mpsc::Sender<Pending>>>,
    committed: Arc<Notify>,
    pace: Arc<Pace>,
}

impl Store {
    pub(crate) async fn open(database_url: &str, config: &Config) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(database_url)?.application_name("docket-commands");
        let pool = PgPoolOptions::new().max_connections(4).connect_with(options.clone()).await?;
        let partitions = log::partitions(&pool).await?;
        Ok(Self {
            pool,
            options,
            partitions,
            cache: Cache::new(config.cache_entries),
            queue: config.queue,
            committers: (0..partitions).map(|_| OnceLock::new()).collect(),
            committed: Arc::default(),
            pace: Arc::default(),
        })
    }

    pub(crate) fn partitions(&self) -> i16 {
        self.partitions
    }

    pub(crate) fn committed(&self) -> Arc<Notify> {
        self.committed.clone()
    }

    pub(crate) fn pace(&self) -> &Pace {
        &self.pace
    }

    pub(crate) fn entry(&self, workspace: WorkspaceId, id: Uuid) -> Arc<Entry> {
        self.cache.entry(workspace, id)
    }

    /// The state of an aggregate as cached, or, if it isn't or `fresh` is asked for, as the log has it now; and
    /// whether it was the log that said so.
    pub(crate) async fn load(
        &self,
        workspace: WorkspaceId,
        blank: Box<dyn AnySnapshot>,
        fresh: bool,
    ) -> Result<(Arc<dyn AnySnapshot>, bool), Error> {
        let entry = self.entry(workspace, blank.id());
        let cached = entry.state().filter(|state| state.kind() == blank.kind() && !fresh);
        if let Some(state) = cached {
            return Ok((state, false));
        }
        // From the first event on: what is cached may be behind the log, or, after a restore, ahead of it.
        // Boxed, as are the other ways to the database: they are rare, and their futures large.
        let state = Box::pin(self.catch_up(workspace, blank, i64::MAX)).await?;
        entry.replace(state.clone());
        Ok((state, true))
    }

    /// The states of these aggregates as the log has them now, read at once.
    pub(crate) async fn load_all(
        &self,
        workspace: WorkspaceId,
        blanks: Vec<Box<dyn AnySnapshot>>,
    ) -> Result<Vec<Arc<dyn AnySnapshot>>, Error> {
        let partition = envelope::partition_of(workspace, self.partitions);
        let mut states: HashMap<Uuid, _> = blanks.into_iter().map(|blank| (blank.id(), blank)).collect();
        let ids: Vec<Uuid> = states.keys().copied().collect();
        for event in Box::pin(log::streams(&self.pool, partition, workspace, &ids)).await? {
            if let Some(state) = states.get_mut(&event.stream).filter(|state| state.kind() == event.kind) {
                state.fold(&event)?;
            }
        }
        let states = states.into_values().map(Arc::<dyn AnySnapshot>::from);
        Ok(states.inspect(|state| self.entry(workspace, state.id()).replace(state.clone())).collect())
    }

    /// The state of an aggregate as it was at `version`.
    pub(crate) async fn at_version(
        &self,
        workspace: WorkspaceId,
        blank: Box<dyn AnySnapshot>,
        version: i64,
    ) -> Result<Arc<dyn AnySnapshot>, Error> {
        Box::pin(self.catch_up(workspace, blank, version)).await
    }

    /// All events of an aggregate.
    pub(crate) async fn events(&self, workspace: WorkspaceId, id: Uuid) -> Result<Vec<Recorded>, Error> {
        let partition = envelope::partition_of(workspace, self.partitions);
        log::stream(&self.pool, partition, workspace, id, 0, i64::MAX).await
    }

    /// The versions of those of these aggregates that are alive.
    pub(crate) async fn standing(&self, workspace: WorkspaceId, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, Error> {
        let partition = envelope::partition_of(workspace, self.partitions);
        Box::pin(log::standing(&self.pool, partition, workspace, ids)).await
    }

    /// The receipt of the caller's idempotency key.
    pub(crate) async fn receipt(&self, request: &Request, key: &[u8]) -> Result<Option<log::Receipt>, Error> {
        let partition = envelope::partition_of(request.workspace, self.partitions);
        Box::pin(log::receipt(&self.pool, partition, request.principal(), key)).await
    }

    async fn catch_up(
        &self,
        workspace: WorkspaceId,
        mut state: Box<dyn AnySnapshot>,
        to: i64,
    ) -> Result<Arc<dyn AnySnapshot>, Error> {
        let partition = envelope::partition_of(workspace, self.partitions);
        let events = log::stream(&self.pool, partition, workspace, state.id(), state.version(), to).await?;
        // An id of another kind is as unknown as one that was never given out.
        let kind = state.kind();
        for event in events.iter().filter(|event| event.kind == kind) {
            state.fold(event)?;
        }
        Ok(state.into())
    }

    /// Queues a decided command and waits for its verdict.
    pub(crate) async fn append(&self, append: Append) -> Result<Verdict, Error> {
        self.send(append)?.await.map_err(|_| Error::Bug("the committer went away".to_owned()))
    }

    /// Queues a decided command; its verdict comes after those of all that were queued before in its partition.
    pub(crate) fn send(&self, append: Append) -> Result<oneshot::Receiver<Verdict>, Error> {
        let partition = envelope::partition_of(append.workspace, self.partitions);
        let (reply, verdict) = oneshot::channel();
        let queued = self.committer(partition)?.try_send(Pending { append, reply });
        queued.map_err(|_| Error::Unavailable("too many commands are waiting".to_owned()))?;
        Ok(verdict)
    }

    /// What the log would say to a decided command: it is judged and written, and what was written is taken back. No
    /// request's future may own this, for it holds a transaction.
    pub(crate) async fn rehearse(&self, append: &Append) -> Result<Verdict, Error> {
        let partition = envelope::partition_of(append.workspace, self.partitions);
        let mut transaction = self.pool.begin().await?;
        let verdicts = sql::call(&mut transaction, partition, None, &[append]).await?;
        transaction.rollback().await?;
        verdicts.into_iter().next().ok_or_else(|| Error::Bug("the log said nothing".to_owned()))
    }

    /// The committer of a partition, started when first needed.
    fn committer(&self, partition: i16) -> Result<&mpsc::Sender<Pending>, Error> {
        let slot = usize::try_from(partition).ok().and_then(|index| self.committers.get(index));
        let slot = slot.ok_or_else(|| Error::Bug(format!("there is no partition {partition}")))?;
        Ok(slot.get_or_init(|| {
            let (sender, queue) = mpsc::channel(self.queue);
            let (committed, pace) = (self.committed.clone(), self.pace.clone());
            let committer = Committer::new(partition, self.options.clone(), queue, committed, pace);
            tokio::spawn(committer.run());
            sender
        }))
    }
}
