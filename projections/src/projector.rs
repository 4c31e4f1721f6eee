//! The projector of a node: it leads some of the partitions, and keeps their read models up with the log.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream;
use docket_domain::audit::Keyring;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Error;
use crate::db::{self, Address, Pool, Purpose};
use crate::feed::{Feed, Station};
use crate::freshness::Positions;
use crate::heads::Heads;
use crate::lead::Leases;
use crate::leader::Leader;
use crate::model::live_schemas;
use crate::notary::Notary;
use crate::partition::{Partition, Taken};
use crate::reads::Settings;

/// How a projector is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database.
    pub database_url: String,
    /// How many connections it may use.
    pub connections: usize,
    /// First token of all subjects; one per installation on a NATS server.
    pub prefix: String,
    /// Identifies this process as a lease holder.
    pub holder: Uuid,
}

/// What one step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// How many events were taken in.
    pub events: usize,
    /// Whether another projector was met, so that there may be more to do than it seems.
    pub again: bool,
}

const RENEWAL: Duration = Duration::from_secs(1);

/// The projector of a node.
pub struct Projector {
    address: Address,
    pool: Pool,
    positions: Positions,
    partitions: Vec<Partition>,
    leases: Leases,
    prefix: String,
    secret: Arc<[u8]>,
    station: Option<Station>,
    keys: Option<Arc<Keyring>>,
}

/// A leader at work.
struct Post {
    stop: CancellationToken,
    work: [JoinHandle<()>; 2],
}

impl Projector {
    /// Prepares to project, following the log directly. `positions` is told how far the models are
    /// ([`crate::Reads::positions`]).
    pub async fn connect(config: &Config, positions: &Positions) -> Result<Self, Error> {
        let address = Address::parse(&config.database_url)?;
        let settings = Settings::load(&address).await?;
        let pool = db::pool(address.clone(), Purpose::Projecting, &live_schemas(), config.connections)?;
        let new = |number| Partition::live(number, pool.clone(), positions.clone());
        Ok(Self {
            partitions: (0..settings.partitions).map(new).collect(),
            leases: Leases::new(config.holder, settings.partitions),
            positions: positions.clone(),
            prefix: config.prefix.clone(),
            secret: settings.secret.into(),
            address,
            pool,
            station: None,
            keys: None,
        })
    }

    /// The same, hearing of events by NATS.
    #[must_use]
    pub fn hearing(mut self, nats: async_nats::Client) -> Self {
        let (prefix, secret) = (self.prefix.clone(), self.secret.clone());
        self.station = Some(Station { context: jetstream::new(nats), prefix, secret });
        self
    }

    /// The same, signing the checkpoints of histories.
    #[must_use]
    pub fn signing(mut self, keys: Keyring) -> Self {
        self.keys = Some(Arc::new(keys));
        self
    }

    /// Witnesses all there is to witness: see [`crate::notary`].
    pub async fn witness(&self) -> Result<(), Error> {
        for partition in &self.partitions {
            let notary = Notary::new(partition.number, self.pool.clone(), self.keys.clone());
            while notary.step().await? > 0 {}
        }
        Ok(())
    }

    /// Takes in one batch of every partition, straight from the log, whoever leads.
    pub async fn step(&mut self) -> Result<Step, Error> {
        let mut step = self.begin_step().await?;
        for partition in &mut self.partitions {
            step.again |= partition.settle().await? == Taken::Again;
        }
        Ok(step)
    }

    /// Steps until there is nothing left to take in.
    pub async fn catch_up(&mut self) -> Result<Step, Error> {
        let mut all = Step::default();
        loop {
            // The next batches are read and folded while these are being written.
            let step = self.begin_step().await?;
            all.events += step.events;
            if step.events == 0 && !step.again && !self.step().await?.again {
                return Ok(all);
            }
        }
    }

    async fn begin_step(&mut self) -> Result<Step, Error> {
        let heads = crate::log::heads(&mut *self.pool.get().await?).await?;
        let mut step = Step::default();
        for (partition, (_, head)) in self.partitions.iter_mut().zip(heads) {
            match partition.follow(head).await? {
                Taken::Events(events) => step.events += events,
                Taken::Again => step.again = true,
            }
        }
        Ok(step)
    }

    /// Leads its share of the partitions until cancelled.
    pub async fn run(mut self, stop: CancellationToken) {
        let heads = Heads::new(self.partitions.len() as i16);
        let deaf = Arc::new(AtomicBool::new(true));
        let watching = tokio::spawn({
            let (heads, pool, address, deaf) = (heads.clone(), self.pool.clone(), self.address.clone(), deaf.clone());
            let stop = stop.clone();
            async move { heads.watch(pool, address, move || deaf.load(Ordering::Relaxed), stop).await }
        });
        let mut posts = BTreeMap::new();
        let mut ticks = interval(RENEWAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.cancelled() => break,
            }
            if let Err(error) = self.renew().await {
                tracing::warn!(%error, "leases can't be renewed");
            }
            self.deploy(&mut posts, &heads).await;
            deaf.store(self.is_deaf(), Ordering::Relaxed);
        }
        for (number, post) in posts {
            self.positions.lead(number, false);
            end(post).await;
        }
        let _ = watching.await;
        self.leave().await;
    }

    async fn renew(&mut self) -> Result<(), Error> {
        let mut session = self.pool.get().await?;
        self.leases.renew(&mut session).await
    }

    async fn leave(&mut self) {
        let Ok(mut session) = self.pool.get().await else { return };
        if let Err(error) = self.leases.give_all_back(&mut session).await {
            tracing::debug!(%error, "leases can't be given back; they expire by themselves");
        }
    }

    /// Whether NATS brings nothing just now.
    fn is_deaf(&self) -> bool {
        self.station.as_ref().is_none_or(|station| {
            station.context.client().connection_state() != async_nats::connection::State::Connected
        })
    }

    /// Starts leaders where this node leads, and ends them where it no longer does.
    async fn deploy(&self, posts: &mut BTreeMap<i16, Post>, heads: &Heads) {
        let ended: Vec<i16> = posts.keys().copied().filter(|number| !self.leases.held().contains(number)).collect();
        for number in ended {
            self.positions.lead(number, false);
            if let Some(post) = posts.remove(&number) {
                end(post).await;
            }
        }
        for number in self.leases.held() {
            let Some(head) = heads.follow(*number).filter(|_| !posts.contains_key(number)) else { continue };
            self.positions.lead(*number, true);
            let partition = Partition::live(*number, self.pool.clone(), self.positions.clone());
            let leader = Leader::new(partition, Feed::open(self.station.clone(), *number), head.clone());
            let notary = Notary::new(*number, self.pool.clone(), self.keys.clone());
            let stop = CancellationToken::new();
            let work = [tokio::spawn(leader.run(stop.clone())), tokio::spawn(notary.run(head, stop.clone()))];
            posts.insert(*number, Post { stop, work });
        }
    }
}

async fn end(post: Post) {
    post.stop.cancel();
    for work in post.work {
        let _ = work.await;
    }
}
