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
    /// Creating.
    pub create: Outcome,
}

/// Measures with many and reports.
pub async fn run(stage: &mut Stage, few: &Sizes) -> Result<()> {
    let tasks = stage.options.many();
    let reads = reads::run(stage, tasks).await?;
    let create = create::alone(stage).await?;
    remember(stage, tasks);
    for (name, many, few) in [
        ("list, first page", &reads.first, &few.reads.first),
        ("list, deep pages", &reads.deep, &few.reads.deep),
        ("get by id", &reads.get, &few.reads.get),
        ("create", &create, &few.create),
    ] {
        let time = Figure::new(format!("{name}: time per answer with {tasks} tasks"), 1e6 / many.rate(), "µs");
        stage.report.add(time.against(format!("with {FEW}"), 1e6 / few.rate()).at_most(1.5).noting(many.describe()));
    }
    Ok(())
}

/// The server's memory, right after having been under load.
fn remember(stage: &mut Stage, tasks: i64) {
    let Some((now, highest)) = stage.docket.process().and_then(memory) else { return };
    let figure = Figure::new(format!("memory of the server with {tasks} tasks, under load"), now, "MiB");
    stage.report.add(figure.at_most(300.0).noting(format!("its highest since the start: {highest:.0} MiB")));
}
