//! Closing a sprint moves its open tasks in the same commit.

use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::{self, Client};
use crate::limits::Inserts;
use crate::report::Figure;
use crate::stage::Stage;

/// How many open tasks the sprint has.
const TASKS: usize = 1_000;
/// How many fit a batch.
const BATCH: usize = 500;
const ROUNDS: usize = 2;

/// Measures and reports, against as many events in one INSERT and commit.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let mut client = Client::open(&stage.docket.target).await?;
    let (mut closing, mut alone) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        let sprint = client.post("/v1/sprints", &json!({ "project_id": stage.big, "name": "Fortnight" })).await?;
        let sprint = client::id(&sprint)?;
        let task = json!({ "project_id": stage.big, "title": "Part of the sprint", "sprint_id": sprint });
        let commands: Vec<Value> = (0..BATCH).map(|_| json!({ "op": "create", "task": task })).collect();
        for _ in 0..TASKS / BATCH {
            client.post("/v1/tasks/batch", &json!({ "mode": "atomic", "commands": commands })).await?;
        }
        client.post(&format!("/v1/sprints/{sprint}/start"), &json!({})).await?;
        stage.progress.caught_up().await?;
        let start = Instant::now();
        client.post(&format!("/v1/sprints/{sprint}/close"), &json!({ "open_tasks": "remove" })).await?;
        closing = closing.min(start.elapsed().as_secs_f64());
        alone = alone.min(Inserts::prepare(&stage.database).await?.at_once(TASKS as i64 + 1).await?);
    }
    let figure = Figure::new(format!("closing a sprint with {TASKS} open tasks"), closing * 1e3, "ms");
    let figure = figure.against("one INSERT of as many events", alone * 1e3);
    stage.report.add(figure.noting(format!("the best of {ROUNDS}; two answers wait for read models in between")));
    Ok(())
}
