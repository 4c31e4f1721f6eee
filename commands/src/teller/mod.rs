//! The teller: reads what has happened and tells the people concerned, by sending them notifications the way everybody
//! does: a command, decided and appended.
//!
//! Every notification's id follows from the command that caused it and from whom it is for, so that it is sent once,
//! however often it is tried, by however many nodes. The place up to which all are told moves afterwards. Whom and what to
//! tell is decided by [`docket_domain::telling`]; here is only what it takes to ask.

mod agenda;
mod leads;
mod page;
mod remind;
mod talk;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use docket_domain::{AnySnapshot, Recorded};
use quick_cache::sync::Cache;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

use crate::{Commands, Error, bell, log};
use leads::Leads;
use page::Page;

/// How the teller is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Identifies this process as a lease holder.
    pub holder: Uuid,
    /// The clock by which tasks are due.
    pub clock: fn() -> DateTime<Utc>,
}

/// The teller of one node.
pub struct Teller {
    pool: PgPool,
    commands: Commands,
    leads: Leads,
    clock: fn() -> DateTime<Utc>,
    states: Arc<Cache<Uuid, Arc<dyn AnySnapshot>>>,
    reminded: Option<Instant>,
}

/// How many events are read at a time.
const BATCH: i64 = 1_000;
/// How many aggregates are remembered.
const REMEMBERED: usize = 4_096;
/// How long the teller waits for news before it looks by itself.
const POLL: Duration = Duration::from_millis(100);
/// How often it is looked what is due.
const REMIND: Duration = Duration::from_secs(20);
const RETRY: Duration = Duration::from_millis(500);

impl Teller {
    /// A teller that sends its notifications through `commands`.
    pub async fn open(database_url: &str, commands: Commands, config: &Config) -> Result<Self, Error> {
        let options: PgConnectOptions = database_url.parse()?;
        let pool =
            PgPoolOptions::new().max_connections(3).connect_with(options.application_name("docket-teller")).await?;
        let leads = Leads::new(config.holder);
        let states = Arc::new(Cache::new(REMEMBERED));
        Ok(Self { pool, commands, leads, clock: config.clock, states, reminded: None })
    }

    /// Tells until told to stop.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        tokio::pin!(shutdown);
        let committed = bell::rung_by(&self.pool);
        loop {
            let step = tokio::select! {
                () = &mut shutdown => break,
                step = self.turn() => step,
            };
            let pause = match step {
                Ok(0) => POLL,
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(%error, "notifications: will try again");
                    metrics::counter!("docket_teller_errors_total").increment(1);
                    RETRY
                }
            };
            tokio::select! {
                () = &mut shutdown => break,
                () = committed.notified(), if pause == POLL => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.leads.release(&self.pool).await;
    }

    async fn turn(&mut self) -> Result<usize, Error> {
        let told = self.step().await?;
        if self.reminded.is_none_or(|at| at.elapsed() > REMIND) {
            self.remind((self.clock)()).await?;
            self.reminded = Some(Instant::now());
        }
        Ok(told)
    }

    /// Tells what is new in the partitions this node leads; answers how many events that were.
    pub async fn step(&mut self) -> Result<usize, Error> {
        self.leads.renew(&self.pool).await?;
        let (partitions, positions) = self.leads.positions(&self.pool).await?;
        let events = log::after(&self.pool, &partitions, &positions, BATCH).await?;
        let mut told = 0;
        for run in events.chunk_by(|one, next| one.partition == next.partition) {
            told += match whole(run, BATCH) {
                [] => self.tell(&self.whole_command(run).await?).await?,
                whole => self.tell(whole).await?,
            };
        }
        Ok(told)
    }

    /// Tells events that begin where the partition is told up to.
    async fn tell(&self, events: &[Recorded]) -> Result<usize, Error> {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(0) };
        let mut page = Page::new(self, first.partition);
        for command in events.chunk_by(|one, next| one.command == next.command) {
            page.take_in(command).await?;
        }
        let agenda = page.send().await?;
        agenda.write(&self.pool, first.partition, (first.position - 1, last.position)).await?;
        leads::show(first.partition, last.position);
        Ok(events.len())
    }

    /// All events of a command that has more of them than are read at a time.
    async fn whole_command(&self, run: &[Recorded]) -> Result<Vec<Recorded>, Error> {
        let Some(first) = run.first() else { return Ok(Vec::new()) };
        let mut limit = BATCH;
        loop {
            limit *= 4;
            let events = log::after(&self.pool, &[first.partition], &[first.position - 1], limit).await?;
            let whole = whole(&events, limit);
            if !whole.is_empty() {
                return Ok(whole.to_vec());
            }
        }
    }
}

/// The events of the commands that are here in full: the last may go on beyond what was read.
fn whole(events: &[Recorded], limit: i64) -> &[Recorded] {
    let (Some(last), true) = (events.last(), events.len() as i64 >= limit) else { return events };
    let end = events.iter().rposition(|event| event.command != last.command).map_or(0, |at| at + 1);
    &events[..end]
}
