//! Waiting until the read models have reached a position: told by the projector of this process at once, and, where
//! another node projects, found by a poll that runs only while somebody has waited for longer than that would take.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

use crate::Error;
use crate::db::Pool;
use crate::model::NAMES;

/// How long a read waits to become fresh.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// How long this process's own projector is given before the poll starts.
const GRACE: Duration = Duration::from_millis(4);
const POLL: Duration = Duration::from_millis(3);

/// How far all read models are, per partition, as far as this process knows. Cheap to clone.
#[derive(Clone)]
pub struct Positions {
    shared: Arc<Shared>,
}

struct Shared {
    partitions: Vec<watch::Sender<i64>>,
    /// How many wait for the poll.
    waiting: AtomicUsize,
    polling: tokio::sync::Mutex<()>,
    pool: Pool,
}

impl Positions {
    pub(crate) fn new(partitions: i16, pool: Pool) -> Self {
        let partitions = (0..partitions).map(|_| watch::Sender::new(0)).collect();
        let shared = Shared { partitions, waiting: AtomicUsize::new(0), polling: tokio::sync::Mutex::default(), pool };
        Self { shared: Arc::new(shared) }
    }

    /// The projector has committed.
    pub(crate) fn moved(&self, partition: i16, position: i64) {
        if let Some(known) = self.of(partition) {
            known.send_if_modified(|known| {
                let further = position > *known;
                *known = position.max(*known);
                further
            });
        }
    }

    /// Waits until all read models are known to have reached `position`, until `deadline`.
    pub(crate) async fn reach(&self, partition: i16, position: i64, deadline: Instant) -> Result<(), Error> {
        let known = self.of(partition).ok_or_else(|| Error::Bug(format!("there is no partition {partition}")))?;
        let mut changes = known.subscribe();
        let grace = deadline.min(Instant::now() + GRACE);
        if timeout_at(grace, changes.wait_for(|known| *known >= position)).await.is_ok() {
            return Ok(());
        }
        let _counted = self.wait_for_poll();
        let reached = tokio::select! {
            reached = timeout_at(deadline, changes.wait_for(|known| *known >= position)) => reached.is_ok(),
            error = self.poll() => return Err(error),
        };
        if reached { Ok(()) } else { Err(Error::NotFresh) }
    }

    fn of(&self, partition: i16) -> Option<&watch::Sender<i64>> {
        usize::try_from(partition).ok().and_then(|index| self.shared.partitions.get(index))
    }

    fn wait_for_poll(&self) -> impl Drop + use<> {
        struct Waiting(Arc<Shared>);
        impl Drop for Waiting {
            fn drop(&mut self) {
                self.0.waiting.fetch_sub(1, Ordering::Relaxed);
            }
        }
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(self.shared.clone())
    }

    /// Polls on behalf of all who wait; only one does at a time. Ends only with an error.
    async fn poll(&self) -> Error {
        let _only = self.shared.polling.lock().await;
        loop {
            match self.look().await {
                Ok(()) => sleep(POLL).await,
                Err(error) => return error,
            }
        }
    }

    /// Looks once how far the models are.
    pub(crate) async fn look(&self) -> Result<(), Error> {
        let rows = self.shared.pool.get().await?.rows(&every_position(), &[]).await?;
        for row in rows {
            self.moved(row.try_get(0)?, row.try_get(1)?);
        }
        Ok(())
    }
}

/// Selects (partition, the position that all models have reached, when the event there was recorded).
pub(crate) fn every_position() -> String {
    let each: Vec<_> =
        NAMES.iter().map(|name| format!("select partition, position, recorded_at from {name}_at")).collect();
    format!(
        "select partition, min(position), min(recorded_at) from ({}) each group by partition",
        each.join(" union all ")
    )
}
