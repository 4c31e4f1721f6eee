//! Cost must not grow with size: the same loads with few and with many tasks, and the memory of the server meanwhile.

use anyhow::Result;

use super::create;
use super::reads::{self, Reads};
use crate::load::Outcome;
use crate::machine::memory;
use crate::report::Figure;
use crate::stage::{FEW, Stage};

/// What was measured with few tasks.
pub struct Sizes {
    /// Reading.
    pub reads: Reads,
    /// Creating, and what that writes.
    pub create: (Outcome, String),
}

/// Measures with many and reports.
pub async fn run(stage: &mut Stage, few: &Sizes) -> Result<()> {
    let tasks = stage.options.many();
    let reads = reads::run(stage, tasks).await?;
    // The first to touch a page after a checkpoint writes all of it: with many tasks, most that are touched at first.
    let (after_checkpoint, wal) = create::alone(stage).await?;
    let figure =
        Figure::new(format!("create: just after a checkpoint, with {tasks} tasks"), after_checkpoint.rate(), "/s");
    stage.report.add(figure.noting(format!("{wal}; {}", after_checkpoint.describe())));
    let (create, wal) = create::alone(stage).await?;
    remember(stage, tasks);
    for (name, many, few, note) in [
        ("list, first page", &reads.first, &few.reads.first, String::new()),
        ("list, deep pages", &reads.deep, &few.reads.deep, String::new()),
        ("get by id", &reads.get, &few.reads.get, String::new()),
        ("create", &create, &few.create.0, format!("{wal}; with {FEW}: {}; ", few.create.1)),
    ] {
        let time = Figure::new(format!("{name}: time per answer with {tasks} tasks"), 1e6 / many.rate(), "µs");
        stage.report.add(
            time.against(format!("with {FEW}"), 1e6 / few.rate())
                .at_most(1.5)
                .noting(format!("{note}{}", many.describe())),
        );
    }
    Ok(())
}

/// The server's memory, right after having been under load.
fn remember(stage: &mut Stage, tasks: i64) {
    let Some((now, highest)) = stage.docket.process().and_then(memory) else { return };
    let figure = Figure::new(format!("memory of the server with {tasks} tasks, under load"), now, "MiB");
    stage.report.add(figure.at_most(300.0).noting(format!("its highest since the start: {highest:.0} MiB")));
}
