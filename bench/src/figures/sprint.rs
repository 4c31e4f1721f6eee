//! Closing a sprint moves its open tasks in the same commit.

use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{self, Client};
use crate::limits::{Closing, Inserts};
use crate::report::Figure;
use crate::stage::Stage;

/// How many open tasks the sprint has.
const TASKS: usize = 1_000;
/// How many fit a batch.
const BATCH: usize = 500;
const ROUNDS: usize = 5;
const GOAL: f64 = 0.6;

/// Measures and reports, against the same in bare tables and, to know of, as many events in one INSERT.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let mut client = Client::open(&stage.docket.target).await?;
    let (mut closing, mut alone, mut inserted) = (f64::INFINITY, f64::INFINITY, f64::INFINITY);
    let bare = Closing::prepare(&stage.database).await?;
    for _ in 0..ROUNDS {
        let sprint = sprint(stage, &mut client).await?;
        stage.progress.caught_up().await?;
        alone = alone.min(bare.run(&stage.database, stage.workspace, sprint, TASKS).await?);
        let start = Instant::now();
        let closed = client.post(&format!("/v1/sprints/{sprint}/close"), &json!({ "open_tasks": "remove" })).await?;
        closing = closing.min(start.elapsed().as_secs_f64());
        anyhow::ensure!(closed["tasks"] == 0, "tasks have stayed: {closed}");
        inserted = inserted.min(Inserts::prepare(&stage.database).await?.at_once(TASKS as i64 + 1).await?);
    }
    let rate = |seconds: f64| 1.0 / seconds;
    let figure = Figure::new(format!("closing a sprint with {TASKS} open tasks"), rate(closing), "/s");
    let figure = figure.against("the same in bare tables", rate(alone)).at_least(GOAL);
    let note = |seconds: f64| format!("{:.1} ms, the best of {ROUNDS}", seconds * 1e3);
    stage.report.add(figure.noting(format!("{}; in bare tables {}", note(closing), note(alone))));
    let figure = Figure::new("… one INSERT of as many events, to know of", rate(inserted), "/s");
    stage.report.add(figure.noting(note(inserted)));
    Ok(())
}

/// A sprint that has begun, full of open tasks.
async fn sprint(stage: &Stage, client: &mut Client) -> Result<Uuid> {
    let sprint = client.post("/v1/sprints", &json!({ "project_id": stage.big, "name": "Fortnight" })).await?;
    let sprint = client::id(&sprint)?;
    let task = json!({ "project_id": stage.big, "title": "Part of the sprint", "sprint_id": sprint });
    let commands: Vec<Value> = (0..BATCH).map(|_| json!({ "op": "create", "task": task })).collect();
    for _ in 0..TASKS / BATCH {
        client.post("/v1/tasks/batch", &json!({ "mode": "atomic", "commands": commands })).await?;
    }
    client.post(&format!("/v1/sprints/{sprint}/start"), &json!({})).await?;
    Ok(sprint)
}
