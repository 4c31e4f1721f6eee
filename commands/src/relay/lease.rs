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
    held: BTreeMap<i16, Lead>,
    renewed: Option<Instant>,
}

/// A partition this node leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lead {
    /// Raised with every change of leader: who has a lower one moves nothing.
    epoch: i64,
    /// The last position that is published.
    published: i64,
    /// The last position that is stored as published.
    stored: i64,
}

const SECONDS: f64 = 5.0;
const RENEW: Duration = Duration::from_millis(1_500);

/// Lets those who watch see it, also where nothing is published any more.
fn show(partition: i16, published: i64) {
    metrics::gauge!("docket_relay_position", "partition" => partition.to_string()).set(published as f64);
}

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
        let answers: Vec<(i16, Option<i64>, i64)> = sqlx::query_as(
            "select r.partition, log.take_lease('relay/' || r.partition, $1, $2), r.position \
             from log.relays r where r.partition < $3 order by r.partition",
        )
        .bind(self.holder)
        .bind(SECONDS)
        .bind(self.partitions)
        .fetch_all(pool)
        .await?;
        let led = answers.into_iter().filter_map(|(partition, epoch, stored)| {
            let epoch = epoch?;
            // Whoever led it without a break knows better than the table how far it is published.
            let known = self.held.get(&partition).filter(|lead| lead.epoch == epoch).copied();
            Some((partition, known.unwrap_or(Lead { epoch, published: stored, stored })))
        });
        self.held = led.collect();
        for (partition, lead) in &self.held {
            show(*partition, lead.published);
        }
        self.renewed = Some(asked);
        Ok(())
    }

    /// The led partitions, and how far each is published.
    pub fn led(&self) -> (Vec<i16>, Vec<i64>) {
        self.held.iter().map(|(partition, lead)| (*partition, lead.published)).unzip()
    }

    /// Notes that a partition is published up to `to`.
    pub fn publish(&mut self, partition: i16, to: i64) {
        if let Some(lead) = self.held.get_mut(&partition) {
            lead.published = lead.published.max(to);
            show(partition, lead.published);
        }
    }

    /// Whether there is something to store.
    pub fn is_ahead(&self) -> bool {
        self.held.values().any(|lead| lead.stored < lead.published)
    }

    /// Stores how far the partitions are published, except where another leader has been since. What is lost with
    /// this node is only published again.
    pub async fn store(&mut self, pool: &PgPool) -> Result<(), Error> {
        let ahead: Vec<_> = self.held.iter().filter(|(_, lead)| lead.stored < lead.published).collect();
        let partitions: Vec<i16> = ahead.iter().map(|(partition, _)| **partition).collect();
        let from: Vec<i64> = ahead.iter().map(|(_, lead)| lead.stored).collect();
        let to: Vec<i64> = ahead.iter().map(|(_, lead)| lead.published).collect();
        let epochs: Vec<i64> = ahead.iter().map(|(_, lead)| lead.epoch).collect();
        let moved: Vec<i16> = sqlx::query_scalar(
            "update log.relays r set position = m.position, epoch = m.epoch \
             from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[]) as m(partition, before, position, epoch) \
             where r.partition = m.partition and r.position = m.before and r.epoch <= m.epoch returning r.partition",
        )
        .bind(&partitions)
        .bind(from)
        .bind(to)
        .bind(epochs)
        .fetch_all(pool)
        .await?;
        for partition in partitions {
            match self.held.get_mut(&partition) {
                Some(lead) if moved.contains(&partition) => lead.stored = lead.published,
                // Somebody else leads now: what we published they publish again, which changes nothing.
                _ => drop(self.held.remove(&partition)),
            }
        }
        Ok(())
    }

    /// Gives the leases back so that another node need not wait for them to run out.
    pub async fn release(&self, pool: &PgPool) {
        let sql = "update log.leases set expires_at = clock_timestamp() where holder = $1 and name like 'relay/%'";
        if let Err(error) = sqlx::query(sql).bind(self.holder).execute(pool).await {
            tracing::debug!(%error, "leases will run out by themselves");
        }
    }
}
