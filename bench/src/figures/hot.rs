//! One hot project against a hundred: a project must not be a queue.

use anyhow::Result;

use super::create::{Created, create};
use crate::report::Figure;
use crate::stage::Stage;

/// Measures and reports, taking turns.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let hundred = stage.supplies.clone();
    let one = stage.supplies.in_projects(&[stage.big]);
    let (mut in_hundred, mut in_one) = (Created::default(), Created::default());
    for _ in 0..stage.options.rounds() {
        in_hundred.append(&create(stage, &hundred, 32).await?);
        in_one.append(&create(stage, &one, 32).await?);
    }
    let rate = Figure::rate("create in one hot project, 32 connections", &in_one.load);
    stage.report.add(rate.against("in a hundred", in_hundred.load.rate()).at_least(0.83));
    let p99 = Figure::new("create in one hot project: p99", in_one.load.millis(0.99), "ms");
    stage.report.add(p99.against("in a hundred", in_hundred.load.millis(0.99)));
    let pipeline = Figure::new("create in one hot project: the whole pipeline", in_one.pipeline_rate(), "/s");
    stage.report.add(pipeline.against("in a hundred", in_hundred.pipeline_rate()).at_least(0.83));
    Ok(())
}
