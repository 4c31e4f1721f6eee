//! `PATCH /v1/tasks/{id}` of the status at 32 connections, against the naive way.

use anyhow::Result;

use crate::load::{Outcome, closed};
use crate::report::Figure;
use crate::scripts::Moves;
use crate::stage::{FEW, Stage};

const CONNECTIONS: usize = 32;

/// Measures and reports, taking turns. Both sides change the same number of tasks, each to a status it does not have.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let (mut docket, mut b1) = (Outcome::default(), Outcome::default());
    // Kept over the rounds: a task must never be changed to what it is already.
    let mut scripts: Vec<_> = (0..CONNECTIONS).map(|nth| Moves::new(&stage.first, nth, CONNECTIONS)).collect();
    for _ in 0..stage.options.rounds() {
        docket.append(&closed(&stage.docket.target, &mut scripts, stage.span()).await?);
        stage.progress.caught_up().await?;
        let span = stage.span();
        b1.append(&stage.naive().await?.change_status(CONNECTIONS, FEW, span).await?);
    }
    stage.report.add(Figure::rate("B1: change a status, 32 connections", &b1));
    let name = "change a task's status, 32 connections";
    stage.report.add(Figure::rate(name, &docket).against("B1", b1.rate()).at_least(8.0));
    let p99 = Figure::new(format!("{name}: p99"), docket.millis(0.99), "ms");
    stage.report.add(p99.against("B1", b1.millis(0.99)));
    let bad = Figure::new(format!("{name}: answers other than 2xx"), docket.bad_count() as f64, "");
    stage.report.add(bad.at_most(0.0));
    Ok(())
}
