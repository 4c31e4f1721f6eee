//! The projector of a node: it leads some of the partitions, and keeps their read models up with the log.

use crate::Error;
use crate::db::{self, Address, Pool, Purpose};
use crate::freshness::Positions;
use crate::model::live_schemas;
use crate::partition::Partition;
use crate::reads::Settings;

/// How a projector is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database.
    pub database_url: String,
    /// How many connections it may use.
    pub connections: usize,
    /// First token of all subjects.
    pub prefix: String,
}

/// What one step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// How many events were taken in.
    pub events: usize,
}

/// The projector of a node.
pub struct Projector {
    pool: Pool,
    partitions: Vec<Partition>,
}

impl Projector {
    /// Prepares to project. `positions` is told how far the models are ([`crate::Reads::positions`]).
    pub async fn connect(config: &Config, positions: &Positions) -> Result<Self, Error> {
        let address = Address::parse(&config.database_url)?;
        let settings = Settings::load(&address).await?;
        let pool = db::pool(address, Purpose::Projecting, &live_schemas(), config.connections)?;
        let partitions =
            (0..settings.partitions).map(|number| Partition::new(number, pool.clone(), positions.clone())).collect();
        Ok(Self { pool, partitions })
    }

    /// Takes in one batch of every partition, straight from the log.
    pub async fn step(&mut self) -> Result<Step, Error> {
        let heads = crate::log::heads(&mut *self.pool.get().await?).await?;
        let mut step = Step::default();
        for (partition, (_, head)) in self.partitions.iter_mut().zip(heads) {
            step.events += partition.follow(head).await?;
        }
        Ok(step)
    }

    /// Steps until there is nothing left to take in.
    pub async fn catch_up(&mut self) -> Result<Step, Error> {
        let mut all = Step::default();
        loop {
            let step = self.step().await?;
            if step.events == 0 {
                return Ok(all);
            }
            all.events += step.events;
        }
    }
}
