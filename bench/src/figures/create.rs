//! `POST /v1/tasks` at 32 and 64 connections, against one INSERT per commit and against the naive way, and the whole
//! pipeline behind it.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::limits::Inserts;
use crate::load::{Outcome, closed};
use crate::report::Figure;
use crate::scripts::{Creates, Supplies};
use crate::stage::Stage;

/// The targets at one number of connections.
struct Targets {
    connections: usize,
    of_l1: f64,
}

const TARGETS: [Targets; 2] = [Targets { connections: 32, of_l1: 1.2 }, Targets { connections: 64, of_l1: 1.5 }];

/// Creating, with the time it took the read models to have it all.
#[derive(Default)]
pub struct Created {
    /// The load itself.
    pub load: Outcome,
    /// All tasks that were created, those of the warm-up too.
    pub count: usize,
    /// From the first request until the read models had the last task.
    pub until_read: Duration,
    /// From the last answer until then, at worst.
    pub lag: Duration,
}

impl Created {
    /// Tasks per second that made it all the way.
    pub fn pipeline_rate(&self) -> f64 {
        self.count as f64 / self.until_read.as_secs_f64().max(1e-9)
    }

    /// Adds another turn of the same.
    pub fn append(&mut self, other: &Self) {
        self.load.append(&other.load);
        self.count += other.count;
        self.until_read += other.until_read;
        self.lag = self.lag.max(other.lag);
    }
}

/// Creates tasks over so many connections and waits for the read models.
pub async fn create(stage: &mut Stage, supplies: &Supplies, connections: usize) -> Result<Created> {
    let mut scripts: Vec<_> = (0..connections).map(|_| Creates::new(supplies)).collect();
    let start = Instant::now();
    let load = closed(&stage.docket.target, &mut scripts, stage.span()).await?;
    let lag = stage.progress.caught_up().await?;
    let until_read = start.elapsed();
    let before = stage.acknowledged.len();
    stage.acknowledged.extend(scripts.into_iter().flat_map(|script| script.created));
    Ok(Created { load, count: stage.acknowledged.len() - before, until_read, lag })
}

/// Creates tasks over 32 connections, to compare one size with another; tells what this writes, too.
pub async fn alone(stage: &mut Stage) -> Result<(Outcome, String)> {
    let supplies = stage.supplies.clone();
    let before = wal(stage).await?;
    let created = create(stage, &supplies, 32).await?;
    let after = wal(stage).await?;
    let count = created.count.max(1) as f64;
    let (pages, bytes) = ((after.0 - before.0) as f64 / count, (after.1 - before.1) as f64 / count);
    Ok((created.load, format!("{bytes:.0} bytes of WAL per task, read models and all, with {pages:.2} full pages")))
}

/// Full pages and bytes that PostgreSQL has written to its log so far.
async fn wal(stage: &Stage) -> Result<(i64, i64)> {
    // Processes report what they wrote with a delay of a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let row = stage.database.query_one("select wal_fpi, wal_bytes::bigint from pg_stat_wal", &[]).await?;
    Ok((row.get(0), row.get(1)))
}

/// Measures and reports, the compared loads taking turns.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let database = stage.database.another().await?;
    let inserts = Inserts::prepare(&database).await?;
    let supplies = stage.supplies.clone();
    for targets in TARGETS {
        let (mut l1, mut b1, mut docket) = (Outcome::default(), Outcome::default(), Created::default());
        for _ in 0..stage.options.rounds() {
            l1.append(&inserts.run(targets.connections, stage.span()).await?);
            docket.append(&create(stage, &supplies, targets.connections).await?);
            let span = stage.span();
            b1.append(&stage.naive().await?.create(targets.connections, span).await?);
        }
        report(stage, &targets, &l1, &b1, &docket);
    }
    Ok(())
}

fn report(stage: &mut Stage, targets: &Targets, l1: &Outcome, b1: &Outcome, docket: &Created) {
    let connections = targets.connections;
    let name = format!("create, {connections} connections");
    let add = |stage: &mut Stage, figure| stage.report.add(figure);
    add(stage, Figure::rate(format!("L1: one INSERT per commit, {connections} connections"), l1));
    add(stage, Figure::rate(format!("B1: the naive way, {connections} connections"), b1));
    add(stage, Figure::rate(&name, &docket.load).against("L1", l1.rate()).at_least(targets.of_l1));
    add(stage, Figure::rate(&name, &docket.load).against("B1", b1.rate()).at_least(8.0));
    let p99 = Figure::new(format!("{name}: p99"), docket.load.millis(0.99), "ms");
    add(stage, p99.against("B1", b1.millis(0.99)).at_most(0.25));
    add(stage, Figure::new(format!("{name}: answers other than 2xx"), docket.load.bad_count() as f64, "").at_most(0.0));
    if connections == 32 {
        let lag = docket.lag.as_secs_f64();
        let note = format!("{} tasks, counted when all read models had them", docket.count);
        let pipeline = || Figure::new("the whole pipeline, 32 connections", docket.pipeline_rate(), "/s").noting(&note);
        add(stage, pipeline().against("L1", l1.rate()).at_least(0.8));
        add(stage, pipeline().against("B1", b1.rate()).at_least(7.0));
        add(stage, Figure::new("the whole pipeline: lag at the end", lag, "s").at_most(1.0));
    }
}
