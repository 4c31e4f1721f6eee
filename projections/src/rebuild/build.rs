//! The log folded in memory and copied into bare tables, several pieces at a time.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use super::copy::{Copier, Sums, add_up};
use super::shard::{Shard, shards};
use super::{Progress, Rebuild, Stage, next_schema};
use crate::Error;
use crate::fold::Then;
use crate::model::{ReadModel, blank};

/// So many pieces at a time.
const WORKERS: usize = 2;
/// Rows of one COPY.
const CHUNK: usize = 5_000;

impl Rebuild<'_> {
    /// Answers the heads up to which everything was taken in.
    pub(super) async fn build(&self) -> Result<Vec<i64>, Error> {
        let (shards, heads) = shards(&self.home.owner().await?).await?;
        let total: i64 = heads.iter().sum();
        let waiting = Mutex::new(VecDeque::from(shards));
        let done = AtomicU64::new(0);
        let workers = (0..WORKERS).map(|_| self.work(&waiting, &done, total as u64));
        let sums: Sums = futures::future::try_join_all(workers).await?.into_iter().flatten().collect();
        // A read that ended early must not pass for the whole log.
        let read = done.load(Ordering::Relaxed);
        if read != total as u64 {
            return Err(Error::Bug(format!("the log has {total} events, but {read} were read")));
        }
        let owner = self.connection().await?;
        for (table, verb) in sums.values() {
            add_up(&owner, table, *verb).await?;
        }
        Ok(heads)
    }

    async fn work(&self, waiting: &Mutex<VecDeque<Shard>>, done: &AtomicU64, total: u64) -> Result<Sums, Error> {
        let mut sums = Sums::new();
        loop {
            let Some(shard) = waiting.lock().await.pop_front() else { return Ok(sums) };
            let copier = Copier::start(self.connection().await?);
            let folding = self.fold(shard, &copier, done, total).await;
            let copied = copier.finish().await;
            folding?;
            sums.extend(copied?);
        }
    }

    async fn fold(&self, shard: Shard, copier: &Copier, done: &AtomicU64, total: u64) -> Result<(), Error> {
        let mut models: Vec<Box<dyn ReadModel>> = self.models.iter().filter_map(|model| blank(model)).collect();
        let reader = self.home.owner().await?;
        let mut count = 0;
        shard
            .read(&reader, async |event| {
                for model in models.iter_mut().filter(|model| model.wants(&event)) {
                    let taken = model.apply(&event);
                    taken.map_err(|error| Error::Bug(format!("partition {}: {error}", event.partition)))?;
                }
                count += 1;
                if count % CHUNK == 0 {
                    let done = done.fetch_add(CHUNK as u64, Ordering::Relaxed) + CHUNK as u64;
                    (self.progress)(Progress { stage: Stage::Reading, done, total });
                    for rows in models.iter_mut().flat_map(|model| model.settled()) {
                        copier.write(rows).await?;
                    }
                }
                Ok(())
            })
            .await?;
        done.fetch_add((count % CHUNK) as u64, Ordering::Relaxed);
        for model in &mut models {
            drain(&mut **model, copier).await?;
        }
        Ok(())
    }

    /// A connection on which names mean the tables being built.
    async fn connection(&self) -> Result<tokio_postgres::Client, Error> {
        let client = self.home.owner().await?;
        let schemas: Vec<_> = self.models.iter().map(|model| next_schema(model)).collect();
        client.batch_execute(&format!("set search_path = {}", schemas.join(", "))).await?;
        Ok(client)
    }
}

async fn drain(model: &mut dyn ReadModel, copier: &Copier) -> Result<(), Error> {
    for rows in model.settled() {
        copier.write(rows).await?;
    }
    loop {
        let rows = model.documents(CHUNK, Then::Forget);
        if rows.iter().all(crate::rows::Rows::is_empty) {
            break;
        }
        for rows in rows {
            copier.write(rows).await?;
        }
    }
    for rows in model.tallies() {
        copier.write(rows).await?;
    }
    Ok(())
}
