//! Waiting until read models have reached a position: told by the projector of this process at once, and, where another
//! node projects, found by a poll that runs only while somebody waits.
//!
//! What is known here was committed before it was known, so whatever is read afterwards includes it. Checkpoints are
//! committed asynchronously, so a server that crashes may lose what was known already. Therefore all that is known is
//! known of one *life* of the readers' connections only: a new connection begins another one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

use crate::Error;
use crate::db::Pool;
use crate::model::NAMES;

/// How long a read waits to become fresh.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// How long this process's own projector is given, where it leads, before the poll starts.
const GRACE: Duration = Duration::from_millis(20);
const POLL: Duration = Duration::from_millis(3);

/// The positions of all models, in the order of their names, in one life.
#[derive(Clone, Copy, Default)]
struct Reached {
    life: u64,
    positions: [i64; NAMES.len()],
}

impl Reached {
    fn least(&self, life: u64, models: &[&'static str]) -> i64 {
        if models.is_empty() {
            // Nothing is behind anything.
            return i64::MAX;
        }
        if self.life != life {
            return 0;
        }
        models.iter().filter_map(|model| index(model)).map(|index| self.positions[index]).min().unwrap_or(0)
    }
}

/// How far the read models are, per partition, as far as this process knows. Cheap to clone.
#[derive(Clone)]
pub struct Positions {
    shared: Arc<Shared>,
}

struct Shared {
    partitions: Vec<Place>,
    polling: tokio::sync::Mutex<()>,
    pool: Pool,
}

struct Place {
    reached: watch::Sender<Reached>,
    /// Whether this process projects it.
    led: AtomicBool,
}

impl Positions {
    pub(crate) fn new(partitions: i16, pool: Pool) -> Self {
        let place = |_| Place { reached: watch::Sender::new(Reached::default()), led: AtomicBool::new(false) };
        let partitions = (0..partitions).map(place).collect();
        Self { shared: Arc::new(Shared { partitions, polling: tokio::sync::Mutex::default(), pool }) }
    }

    /// Which life this is. Whoever will say how far a model has come notes it before looking.
    pub(crate) fn life(&self) -> u64 {
        self.shared.pool.manager().made()
    }

    /// Models have come this far; said of a life that is over, it is not believed.
    pub(crate) fn moved(&self, partition: i16, life: u64, models: impl Iterator<Item = (&'static str, i64)>) {
        let Some(place) = self.of(partition).filter(|_| life == self.life()) else { return };
        let models: Vec<_> = models.filter_map(|(model, position)| Some((index(model)?, position))).collect();
        place.reached.send_if_modified(|reached| {
            let mut further = false;
            if reached.life < life {
                *reached = Reached { life, ..Reached::default() };
            }
            for (model, position) in models {
                further |= position > reached.positions[model];
                reached.positions[model] = reached.positions[model].max(position);
            }
            further
        });
    }

    /// This process begins, or ends, to project a partition.
    pub(crate) fn lead(&self, partition: i16, led: bool) {
        if let Some(place) = self.of(partition) {
            place.led.store(led, Ordering::Relaxed);
        }
    }

    /// How far these models are known to be. To be asked for with the connection in hand that will read them.
    pub(crate) fn known(&self, partition: i16, models: &[&'static str]) -> i64 {
        self.of(partition).map_or(0, |place| place.reached.borrow().least(self.life(), models))
    }

    /// Waits until these models are known to have reached `position`, until `deadline`.
    pub(crate) async fn reach(
        &self,
        partition: i16,
        models: &[&'static str],
        position: i64,
        deadline: Instant,
    ) -> Result<(), Error> {
        let place = self.of(partition).ok_or_else(|| Error::Bug(format!("there is no partition {partition}")))?;
        let mut changes = place.reached.subscribe();
        let far_enough = |reached: &Reached| reached.least(self.life(), models) >= position;
        if place.led.load(Ordering::Relaxed) {
            let grace = deadline.min(Instant::now() + GRACE);
            if timeout_at(grace, changes.wait_for(far_enough)).await.is_ok() {
                return Ok(());
            }
        }
        tokio::select! {
            reached = timeout_at(deadline, changes.wait_for(far_enough)) => {
                if reached.is_ok() { Ok(()) } else { Err(Error::NotFresh) }
            }
            error = self.poll() => Err(error),
        }
    }

    fn of(&self, partition: i16) -> Option<&Place> {
        usize::try_from(partition).ok().and_then(|index| self.shared.partitions.get(index))
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
        let each: Vec<_> =
            NAMES.iter().map(|name| format!("select '{name}', partition, position from {name}_at")).collect();
        let mut session = self.shared.pool.get().await?;
        let life = self.life();
        let rows = session.rows(&each.join(" union all "), &[]).await?;
        for row in rows {
            let (name, partition, position): (&str, i16, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            self.moved(
                partition,
                life,
                NAMES.into_iter().filter(|model| *model == name).map(|model| (model, position)),
            );
        }
        Ok(())
    }
}

fn index(model: &str) -> Option<usize> {
    NAMES.iter().position(|name| *name == model)
}
