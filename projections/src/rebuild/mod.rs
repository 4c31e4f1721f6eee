//! Making read models anew, beside the live ones and without disturbing them.
//!
//! In the schemas `read_<model>_next`: bare tables; the whole log folded in memory and copied in, in parallel; then the
//! indexes; then what has happened since, as a projector would; then, in one transaction, new becomes live and live
//! becomes old. Whoever reads sees the one or the other, never half. The old one stays until dropped.

mod build;
mod copy;
mod shard;
mod switch;

pub(crate) use switch::drop_old;

use std::sync::Arc;

use tokio_postgres::Client;

use crate::Error;
use crate::admin::Projections;
use crate::db::{self, Purpose};
use crate::model::{NAMES, live_schema};
use crate::partition::Partition;

/// How far a rebuild is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it does just now.
    pub stage: Stage,
    /// How many events (or, indexing, models) it has done with.
    pub done: u64,
    /// Of how many.
    pub total: u64,
}

/// The parts of a rebuild, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The log is folded and copied in.
    Reading,
    /// Indexes are built.
    Indexing,
    /// What happened meanwhile is taken in.
    Following,
    /// The new ones have become live.
    Live,
}

/// Closer than this to the live models, switching is quick.
const NEAR: i64 = 2_000;
/// Held by whoever rebuilds: one at a time.
const LOCK: &str = "select pg_try_advisory_lock(hashtextextended('docket rebuild', 0))";

/// One rebuild under way.
pub(crate) struct Rebuild<'a> {
    pub(crate) home: &'a Projections,
    pub(crate) models: Arc<[&'static str]>,
    pub(crate) progress: &'a (dyn Fn(Progress) + Send + Sync),
}

/// The schema a model is built in.
pub(crate) fn next_schema(model: &str) -> String {
    format!("{}_next", live_schema(model))
}

impl Projections {
    /// Builds these models anew (none named: all) and makes them live. An event that can't be taken in ends it, and
    /// leaves everything as it was.
    pub async fn rebuild(
        &self,
        models: Option<&[String]>,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<(), Error> {
        let models = chosen(models)?;
        let owner = self.owner().await?;
        if !owner.query_one(LOCK, &[]).await?.try_get::<_, bool>(0)? {
            return Err(Error::Unavailable("another rebuild is under way".to_owned()));
        }
        let rebuild = Rebuild { home: self, models, progress };
        let done = rebuild.run(&owner).await;
        if done.is_err() {
            // Nothing half-built stays behind; what failed is the better story.
            let _ = rebuild.clear(&owner).await;
        }
        done
    }
}

impl Rebuild<'_> {
    async fn run(&self, owner: &Client) -> Result<(), Error> {
        self.prepare(owner).await?;
        let heads = self.build().await?;
        self.index(owner, &heads).await?;
        let mut partitions = self.partitions()?;
        let total: i64 = heads.iter().sum();
        self.follow(&mut partitions, total).await?;
        self.switch(&mut partitions).await?;
        (self.progress)(Progress { stage: Stage::Live, done: total as u64, total: total as u64 });
        Ok(())
    }

    async fn clear(&self, owner: &Client) -> Result<(), Error> {
        for model in self.models.iter() {
            owner.batch_execute(&format!("drop schema if exists {} cascade", next_schema(model))).await?;
        }
        Ok(())
    }

    async fn prepare(&self, owner: &Client) -> Result<(), Error> {
        self.clear(owner).await?;
        for model in self.models.iter() {
            let schema = next_schema(model);
            let sql = format!("create schema {schema}; set search_path = {schema}; select read.create_{model}()");
            owner.batch_execute(&sql).await?;
        }
        Ok(())
    }

    async fn index(&self, owner: &Client, heads: &[i64]) -> Result<(), Error> {
        for (done, model) in self.models.iter().enumerate() {
            (self.progress)(Progress { stage: Stage::Indexing, done: done as u64, total: self.models.len() as u64 });
            owner
                .batch_execute(&format!("set search_path = {}; select read.index_{model}()", next_schema(model)))
                .await?;
            for (partition, head) in heads.iter().enumerate() {
                let sql = format!("insert into {model}_at (partition, position) values ({partition}, {head})");
                owner.batch_execute(&sql).await?;
            }
            let tables =
                "select string_agg(quote_ident(tablename), ', ') from pg_tables where schemaname = current_schema()";
            let tables: String = owner.query_one(tables, &[]).await?.try_get(0)?;
            owner.batch_execute(&format!("analyze {tables}")).await?;
        }
        Ok(())
    }

    fn partitions(&self) -> Result<Vec<Partition>, Error> {
        let schemas: Vec<_> = self.models.iter().map(|model| next_schema(model)).collect();
        let pool = db::pool(self.home.address.clone(), Purpose::Projecting, &schemas.join(", "), 2)?;
        Ok((0..self.home.partitions).map(|number| Partition::of(self.models.clone(), number, pool.clone())).collect())
    }

    /// Takes in what has happened meanwhile, until near enough to the head.
    async fn follow(&self, partitions: &mut [Partition], since: i64) -> Result<(), Error> {
        loop {
            let heads = crate::log::heads(&mut *self.home.pool.get().await?).await?;
            let (mut behind, mut done) = (0, 0);
            for (partition, (_, head)) in partitions.iter_mut().zip(heads) {
                let position = partition.position().await?;
                behind += head - position;
                done += position;
            }
            (self.progress)(Progress {
                stage: Stage::Following,
                done: (done - since) as u64,
                total: (done - since + behind) as u64,
            });
            if behind < NEAR {
                return Ok(());
            }
            for partition in partitions.iter_mut() {
                partition.follow(i64::MAX).await?;
                partition.settle().await?;
            }
        }
    }
}

fn chosen(models: Option<&[String]>) -> Result<Arc<[&'static str]>, Error> {
    let Some(wanted) = models else { return Ok(Arc::new(NAMES)) };
    for name in wanted {
        if !NAMES.contains(&name.as_str()) {
            return Err(Error::Unavailable(format!("there is no read model {name:?}; there are {}", NAMES.join(", "))));
        }
    }
    Ok(NAMES.into_iter().filter(|name| wanted.iter().any(|wanted| wanted == name)).collect())
}
