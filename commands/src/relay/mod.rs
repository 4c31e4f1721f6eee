//! The relay: carries committed events to JetStream, per partition in order, at least once.
//!
//! For every partition one node holds a lease and reads on from the last acknowledged position. Positions are dense,
//! so a hole means that the log itself is damaged: the relay stops there and says so. A node that wrongly believes
//! it still leads only repeats identical messages, and the epoch keeps it from moving the position.

mod lease;
mod publish;

use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream;
use docket_domain::Recorded;
use futures::FutureExt;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{Error, bell, log};
use lease::Leases;

/// How the relay is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Identifies this process as a lease holder.
    pub holder: Uuid,
    /// First token of all subjects; one per installation on a NATS server.
    pub prefix: String,
    /// Copies of the stream: 1, or 3 in a cluster.
    pub replicas: usize,
}

/// The relay of one node.
pub struct Relay {
    pool: PgPool,
    jetstream: jetstream::Context,
    config: Config,
    secret: Vec<u8>,
    leases: Leases,
    stored: Instant,
    committed: Arc<Notify>,
}

/// How many events are read and published at a time.
const BATCH: i64 = 1_000;
/// How long more is gathered while there is much to do.
const LINGER: Duration = Duration::from_millis(1);
/// How often the published positions are stored while there is much to do.
const STORE: Duration = Duration::from_millis(100);
/// How long the relay waits for news before it looks by itself.
const POLL: Duration = Duration::from_millis(50);

impl Relay {
    /// A relay that `committed` wakes (besides the database's own notifications).
    pub async fn open(
        database_url: &str,
        nats: async_nats::Client,
        config: Config,
        committed: Arc<Notify>,
    ) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(database_url)?
            .application_name("docket-relay")
            // A position that is lost with the server is only published again.
            .options([("synchronous_commit", "off")]);
        let pool = PgPoolOptions::new()
            .max_connections(3)
            .after_connect({
                let options = options.clone();
                move |connection, _| {
                    let options = options.clone();
                    async move { log::be_certain(connection, &options).await }.boxed()
                }
            })
            .connect_with(options)
            .await?;
        let leases = Leases::new(log::partitions(&pool).await?, config.holder);
        let secret = log::secret(&pool).await?;
        Ok(Self { pool, jetstream: jetstream::new(nats), config, secret, leases, stored: Instant::now(), committed })
    }

    /// Publishes until told to stop.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        tokio::pin!(shutdown);
        let woken = bell::rung_by(&self.pool);
        // So that the first events need not find out that there is no stream; if it fails, they will.
        tokio::select! {
            () = &mut shutdown => return,
            _ = publish::ensure_stream(&self.jetstream, &self.config) => {}
        }
        loop {
            let step = tokio::select! {
                () = &mut shutdown => break,
                step = self.step() => step,
            };
            let pause = match step {
                Ok(0) => POLL,
                Ok(_) => LINGER,
                Err(error) => {
                    tracing::warn!(%error, "relay: will try again");
                    metrics::counter!("docket_relay_errors_total").increment(1);
                    Duration::from_millis(500)
                }
            };
            if pause == LINGER {
                tokio::time::sleep(LINGER).await;
                continue;
            }
            tokio::select! {
                () = &mut shutdown => break,
                () = self.committed.notified() => {}
                () = woken.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        let _ = self.leases.store(&self.pool).await;
        self.leases.release(&self.pool).await;
    }

    /// Publishes what is new in the partitions this node leads; answers how many events that were.
    pub async fn step(&mut self) -> Result<usize, Error> {
        self.leases.renew(&self.pool).await?;
        let (partitions, positions) = self.leases.led();
        let events = log::after(&self.pool, &partitions, &positions, BATCH).await?;
        let mut published = 0;
        for run in events.chunk_by(|one, next| one.partition == next.partition) {
            let partition = run[0].partition;
            let from = partitions.iter().position(|led| *led == partition).map_or(0, |at| positions[at]);
            published += self.carry(partition, from, run).await?;
        }
        // The position is only a place to start from: storing it with every batch would cost a commit each.
        if self.leases.is_ahead() && (published == 0 || self.stored.elapsed() > STORE) {
            self.leases.store(&self.pool).await?;
            self.stored = Instant::now();
        }
        Ok(published)
    }

    async fn carry(&mut self, partition: i16, from: i64, events: &[Recorded]) -> Result<usize, Error> {
        let dense = contiguous(events, from);
        if let Some(odd) = events.get(dense) {
            tracing::error!(partition, expected = from + dense as i64 + 1, found = odd.position, "the log has a hole");
            metrics::counter!("docket_log_holes_total").increment(1);
        }
        let acknowledged = publish::publish(&self.jetstream, &self.config, &self.secret, &events[..dense]).await?;
        self.leases.publish(partition, from + acknowledged as i64);
        metrics::counter!("docket_relay_published_total").increment(acknowledged as u64);
        Ok(acknowledged)
    }
}

/// How many of the events follow each other without a hole after position `from`.
fn contiguous(events: &[Recorded], from: i64) -> usize {
    events.iter().zip(from + 1..).take_while(|(event, position)| event.position == *position).count()
}
