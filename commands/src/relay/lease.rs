//! Which partitions this node leads, and how far each is published.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sqlx::PgPool;
use uuid::Uuid;

use crate::Error;

/// The partitions' leases, as this node sees them.
pub struct Leases {
    partitions: i16,
    holder: Uuid,
    held: BTreeMap<i16, i64>,
    renewed: Option<Instant>,
}

const SECONDS: f64 = 5.0;
const RENEW: Duration = Duration::from_millis(1_500);

impl Leases {
    /// No lease yet.
    pub fn new(partitions: i16, holder: Uuid) -> Self {
        Self { partitions, holder, held: BTreeMap::new(), renewed: None }
    }

    /// Takes or keeps every lease that can be had, if it is time to.
    pub async fn renew(&mut self, pool: &PgPool) -> Result<(), Error> {
        if self.renewed.is_some_and(|at| at.elapsed() < RENEW) {
            return Ok(());
        }
        let asked = Instant::now();
        let answers: Vec<(i16, Option<i64>)> = sqlx::query_as(
            "select p::smallint, log.take_lease('relay/' || p, $1, $2) from generate_series(0, $3::int - 1) p",
        )
        .bind(self.holder)
        .bind(SECONDS)
        .bind(i32::from(self.partitions))
        .fetch_all(pool)
        .await?;
        self.held = answers.into_iter().filter_map(|(partition, epoch)| Some((partition, epoch?))).collect();
        self.renewed = Some(asked);
        Ok(())
    }

    /// The led partitions with something to publish: partition, published position, head.
    pub async fn behind(&self, pool: &PgPool) -> Result<Vec<(i16, i64, i64)>, Error> {
        let led: Vec<i16> = self.held.keys().copied().collect();
        Ok(sqlx::query_as(
            "select r.partition, r.position, h.position from log.relays r join log.heads h using (partition) \
             where r.partition = any($1) and h.position > r.position",
        )
        .bind(led)
        .fetch_all(pool)
        .await?)
    }

    /// Moves a partition's position on, unless another leader has touched it meanwhile.
    pub async fn advance(&mut self, pool: &PgPool, partition: i16, from: i64, to: i64) -> Result<(), Error> {
        let Some(epoch) = self.held.get(&partition) else { return Ok(()) };
        let moved = sqlx::query(
            "update log.relays set position = $1, epoch = $2 where partition = $3 and position = $4 and epoch <= $2",
        )
        .bind(to)
        .bind(epoch)
        .bind(partition)
        .bind(from)
        .execute(pool)
        .await?;
        if moved.rows_affected() == 0 {
            // Somebody else leads now: what we published they publish again, which changes nothing.
            self.held.remove(&partition);
        }
        Ok(())
    }

    /// Gives the leases back so that another node need not wait for them to run out.
    pub async fn release(&self, pool: &PgPool) {
        let given_back = sqlx::query("update log.leases set expires_at = clock_timestamp() where holder = $1 and name like 'relay/%'")
            .bind(self.holder)
            .execute(pool);
        if let Err(error) = given_back.await {
            tracing::debug!(%error, "leases will run out by themselves");
        }
    }
}
