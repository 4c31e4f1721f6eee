//! Which partitions this node tells. A lease only saves work: two who tell the same tell it once.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use uuid::Uuid;

use crate::Error;

const SECONDS: f64 = 5.0;
const RENEW: Duration = Duration::from_millis(1_500);

/// The leases of one node.
pub(super) struct Leads {
    holder: Uuid,
    led: Vec<i16>,
    renewed: Option<Instant>,
}

/// Lets those who watch see how far a partition is told, also where nothing is told any more.
pub(super) fn show(partition: i16, position: i64) {
    metrics::gauge!("docket_teller_position", "partition" => partition.to_string()).set(position as f64);
}

impl Leads {
    pub(super) fn new(holder: Uuid) -> Self {
        Self { holder, led: Vec::new(), renewed: None }
    }

    /// Takes or keeps every lease that can be had, if it is time to.
    pub(super) async fn renew(&mut self, pool: &PgPool) -> Result<(), Error> {
        if self.renewed.is_some_and(|at| at.elapsed() < RENEW) {
            return Ok(());
        }
        let asked = Instant::now();
        let sql = "select t.partition, t.position, log.take_lease('tell/' || t.partition, $1, $2) is not null \
                   from log.tellers t order by 1";
        let taken: Vec<(i16, i64, bool)> = sqlx::query_as(sql).bind(self.holder).bind(SECONDS).fetch_all(pool).await?;
        let led: Vec<_> = taken.into_iter().filter(|(.., led)| *led).collect();
        for (partition, position, _) in &led {
            show(*partition, *position);
        }
        self.led = led.into_iter().map(|(partition, ..)| partition).collect();
        self.renewed = Some(asked);
        Ok(())
    }

    /// The led partitions.
    pub(super) fn led(&self) -> &[i16] {
        &self.led
    }

    /// The led partitions, and how far each is told.
    pub(super) async fn positions(&self, pool: &PgPool) -> Result<(Vec<i16>, Vec<i64>), Error> {
        let sql = "select t.partition, t.position from log.tellers t join log.heads h on h.partition = t.partition \
                   where t.partition = any($1) and t.position < h.position order by 1";
        let at: Vec<(i16, i64)> = sqlx::query_as(sql).bind(&self.led).fetch_all(pool).await?;
        Ok(at.into_iter().unzip())
    }

    /// Gives the leases back so that another node need not wait for them to run out.
    pub(super) async fn release(&self, pool: &PgPool) {
        let sql = "update log.leases set expires_at = clock_timestamp() where holder = $1 and name like 'tell/%'";
        if let Err(error) = sqlx::query(sql).bind(self.holder).execute(pool).await {
            tracing::debug!(%error, "leases will run out by themselves");
        }
    }
}
