//! Reports over many tasks and much time: each against the same question put to PostgreSQL directly, asked of the rows
//! that anybody would have, and, to know of, of the counts that the server keeps; whose numbers have to be the same.

mod asked;

use std::sync::Arc;

use anyhow::{Result, ensure};
use chrono::{Days, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use self::asked::REPORTS;
use super::lists::CONNECTIONS;
use super::reads::http;
use crate::client::{self, Client};
use crate::limits::Query;
use crate::load::Span;
use crate::prefill;
use crate::report::Figure;
use crate::stage::Stage;

/// How many timelogs there are for each ten tasks.
const TIMELOGS: i64 = 2;
const SPRINTS: usize = 6;
/// How many tasks each sprint has; so many fit a batch.
const TASKS: usize = 500;
/// Who reads all rows keeps a processor busy, and needs seconds.
const FEW_CONNECTIONS: usize = 2;
const LONG: f64 = 10.0;
const GOAL: f64 = 0.6;
/// In milliseconds, 99 of 100 answers.
const SOON: f64 = 200.0;

/// Measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let mut client = Client::open(&stage.docket.target).await?;
    work(stage, &mut client).await?;
    let sprint = sprints(stage, &mut client).await?;
    stage.progress.caught_up().await?;
    stage.database.batch("analyze").await?;

    let (tasks, workspace, big) = (stage.options.many(), stage.workspace, stage.big);
    let today = Utc::now().date_naive();
    let year = format!("date%5Bgte%5D={}&date%5Blte%5D={today}", today - Days::new(365));
    let asked = [
        ("/v1/reports/time?group_by=member".to_owned(), big),
        (format!("/v1/reports/burndown?sprint_id={sprint}"), sprint),
        (format!("/v1/reports/velocity?project_id={big}"), big),
        (format!("/v1/reports/cumulative-flow?{year}"), big),
    ];
    let database = stage.database.another().await?;
    database.batch("set role docket_projector").await?;
    let (mut slowest, mut wrong) = (0.0_f64, 0);
    for (report, (path, of)) in REPORTS.iter().zip(asked) {
        let rows = database.query(report.rows, &[&workspace, &of]).await?;
        wrong += report.differences(&client.get(&path).await?, &rows)?;
        let parameters = |_| -> Vec<_> { vec![Box::new(workspace) as _, Box::new(of) as _] };
        let paths: Arc<[String]> = Arc::new([path]);
        let (load, _) = http(stage, &paths).await?;
        let of_rows = Query { sql: report.rows, parameters: &parameters, rows: rows.len() };
        let mut alone = of_rows.run(&stage.database, FEW_CONNECTIONS, stage.span()).await?;
        if alone.rate() == 0.0 {
            alone = of_rows.run(&stage.database, FEW_CONNECTIONS, Span::seconds(LONG)).await?;
        }
        ensure!(alone.rate() > 0.0, "the rows are not read within {LONG} s");
        slowest = slowest.max(load.millis(0.99));
        let figure = Figure::rate(format!("report: {}, {tasks} tasks", report.name), &load);
        stage.report.add(figure.against("its query", alone.rate()).at_least(GOAL));
        let rows = database.query(report.counts, &[&workspace, &of]).await?.len();
        let of_counts = Query { sql: report.counts, parameters: &parameters, rows };
        let counted = of_counts.run(&stage.database, CONNECTIONS, stage.span()).await?;
        stage.report.add(Figure::rate("… its counts' query, to know of", &counted));
    }
    stage.report.add(Figure::new("the slowest report, p99", slowest, "ms").at_most(SOON));
    let name = "numbers of reports that differ from what the rows come to";
    stage.report.add(Figure::new(name, wrong as f64, "").at_most(0.0));
    Ok(())
}

/// Logs much time.
async fn work(stage: &Stage, client: &mut Client) -> Result<()> {
    let pattern = json!({ "member_id": stage.supplies.members[0], "project_id": stage.big,
        "started_at": "2026-01-05T09:00:00Z", "duration_seconds": 3_600 });
    client.post("/v1/timelogs", &pattern).await?;
    let count = stage.options.many() * TIMELOGS / 10;
    eprintln!("        logging time {count} times");
    prefill::fill_time(&stage.database, stage.workspace, &stage.supplies, count).await
}

/// Starts, works on and closes sprints; answers the last one. Some of its tasks were something else before.
async fn sprints(stage: &Stage, client: &mut Client) -> Result<Uuid> {
    let mut last = Uuid::nil();
    for nth in 0..SPRINTS {
        let sprint = json!({ "project_id": stage.big, "name": format!("Sprint {nth}") });
        last = client::id(&client.post("/v1/sprints", &sprint).await?)?;
        let status = |task: usize| if task.is_multiple_of(3) { "todo" } else { "done" };
        let task = |task| {
            json!({ "project_id": stage.big, "title": "Part of a sprint", "sprint_id": last,
            "status": status(task), "estimate_points": 3 })
        };
        let commands: Vec<Value> = (0..TASKS).map(|nth| json!({ "op": "create", "task": task(nth) })).collect();
        let made = client.post("/v1/tasks/batch", &json!({ "mode": "atomic", "commands": commands })).await?;
        client.post(&format!("/v1/sprints/{last}/start"), &json!({})).await?;
        for (nth, result) in made["results"].as_array().into_iter().flatten().enumerate().take(TASKS / 10) {
            let change = if nth % 2 == 0 { json!({ "status": "in_review" }) } else { json!({ "sprint_id": null }) };
            client.patch(&format!("/v1/tasks/{}", client::id(&result["task"])?), &change).await?;
        }
        client.post(&format!("/v1/sprints/{last}/close"), &json!({ "open_tasks": "keep" })).await?;
    }
    Ok(last)
}
