//! Reports over many tasks and much time: each against the same question put to PostgreSQL directly, and the last of them
//! against everything counted anew.

use anyhow::{Result, ensure};
use chrono::{Days, NaiveDate, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::lists::measure;
use crate::client::{self, Client};
use crate::limits::Query;
use crate::prefill;
use crate::report::Figure;
use crate::stage::Stage;

/// How many timelogs there are for each ten tasks.
const TIMELOGS: i64 = 2;
const SPRINTS: usize = 6;
/// How many tasks each sprint has; so many fit a batch.
const TASKS: usize = 500;
/// In milliseconds, 99 of 100 answers.
const SOON: f64 = 200.0;

const TIME: &str = "select c.member_id::text, sum(c.entries)::int8, sum(c.seconds)::int8
    from read_timelogs.timelog_counts c where c.workspace = $1 and c.monthly
    and c.project_id = '00000000-0000-0000-0000-000000000000' and c.member_id <> '00000000-0000-0000-0000-000000000000'
    group by 1 order by 1";

const BURNDOWN: &str = "select c.date::text, sum(c.todo + c.in_progress + c.in_review + c.backlog)::int8,
    sum(c.done)::int8 from read_tasks.flow_counts c where c.workspace = $1 and c.sprint_id = $2 group by 1 order by 1";

const VELOCITY: &str = "select s.doc, v.* from read_sprints.sprints s cross join lateral (
        select sum(c.done)::int8, sum(c.done_points)::int8, sum(c.todo + c.done)::int8, sum(c.todo_points)::int8
        from read_tasks.flow_counts c where c.workspace = $1 and c.sprint_id = s.id) v
    where s.workspace = $1 and s.project_id = $2 and s.status = 2 and not s.deleted order by s.number desc limit 10";

const FLOW: &str = "select d.doc from (select greatest(c.date, $2)::text as doc, sum(c.backlog)::int8, sum(c.todo)::int8,
        sum(c.in_progress)::int8, sum(c.in_review)::int8, sum(c.done)::int8, sum(c.cancelled)::int8, sum(c.duplicate)::int8
        from read_tasks.flow_counts c where c.workspace = $1 and c.project_id = '00000000-0000-0000-0000-000000000000'
        group by 1) d order by 1";

const BOARD: &str = "select coalesce(jsonb_object_agg(s.word, s.n), '{}')::text from (
        select doc::json->>'status' as word, count(*) as n from read_tasks.tasks t
        where workspace = $1 and not deleted group by 1) s";

const WORKED: &str =
    "select coalesce(sum(seconds), 0)::int8 from read_timelogs.timelogs where workspace = $1 and not voided";

/// Measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let mut client = Client::open(&stage.docket.target).await?;
    work(stage, &mut client).await?;
    let sprint = sprints(stage, &mut client).await?;
    stage.progress.caught_up().await?;
    stage.database.batch("analyze").await?;

    let tasks = stage.options.many();
    let today = Utc::now().date_naive();
    let year_ago = today - Days::new(365);
    let (workspace, big, members) = (stage.workspace, stage.big, stage.supplies.members.len());
    let flow = format!("/v1/reports/cumulative-flow?date%5Bgte%5D={year_ago}&date%5Blte%5D={today}");
    let days = flow_days(stage, year_ago).await?;

    let of_workspace = |_| -> Vec<_> { vec![Box::new(workspace) as _] };
    let of_sprint = |_| -> Vec<_> { vec![Box::new(workspace) as _, Box::new(sprint) as _] };
    let of_project = |_| -> Vec<_> { vec![Box::new(workspace) as _, Box::new(big) as _] };
    let of_days = |_| -> Vec<_> { vec![Box::new(workspace) as _, Box::new(year_ago) as _] };
    let reports = [
        (
            "time by member",
            "/v1/reports/time?group_by=member".to_owned(),
            Query { sql: TIME, parameters: &of_workspace, rows: members },
        ),
        (
            "burndown",
            format!("/v1/reports/burndown?sprint_id={sprint}"),
            Query { sql: BURNDOWN, parameters: &of_sprint, rows: 1 },
        ),
        (
            "velocity",
            format!("/v1/reports/velocity?project_id={big}"),
            Query { sql: VELOCITY, parameters: &of_project, rows: SPRINTS },
        ),
        ("cumulative flow of a year", flow.clone(), Query { sql: FLOW, parameters: &of_days, rows: days }),
    ];
    let mut slowest = 0.0_f64;
    for (name, path, query) in reports {
        slowest = slowest.max(measure(stage, format!("report: {name}, {tasks} tasks"), path, query).await?);
    }
    stage.report.add(Figure::new("the slowest report, p99", slowest, "ms").at_most(SOON));
    let wrong = wrong(stage, &mut client, &flow).await?;
    stage.report.add(Figure::new("sums of reports that differ from everything counted anew", wrong, "").at_most(0.0));
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

/// Starts, works on and closes sprints; answers the last one.
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
        client.post("/v1/tasks/batch", &json!({ "mode": "atomic", "commands": commands })).await?;
        client.post(&format!("/v1/sprints/{last}/start"), &json!({})).await?;
        client.post(&format!("/v1/sprints/{last}/close"), &json!({ "open_tasks": "keep" })).await?;
    }
    Ok(last)
}

/// How many days there are on which anything changed, those before the first one as that.
async fn flow_days(stage: &Stage, first: NaiveDate) -> Result<usize> {
    let database = stage.database.another().await?;
    database.batch("set role docket_projector").await?;
    Ok(database.query(FLOW, &[&stage.workspace, &first]).await?.len())
}

/// How many of the sums are wrong.
async fn wrong(stage: &Stage, client: &mut Client, flow: &str) -> Result<f64> {
    let database = stage.database.another().await?;
    database.batch("set role docket_projector").await?;
    let board: String = database.query_one(BOARD, &[&stage.workspace]).await?.get(0);
    let board: Value = serde_json::from_str(&board)?;
    let flow = client.get(flow).await?;
    let last = flow["data"].as_array().and_then(|days| days.last()).cloned().unwrap_or_default();
    let statuses = board.as_object().into_iter().flatten();
    let wrong = statuses.clone().filter(|(status, n)| last[status.as_str()]["tasks"] != **n).count();
    ensure!(statuses.count() > 0, "there is nothing to count");
    let worked: i64 = database.query_one(WORKED, &[&stage.workspace]).await?.get(0);
    let time = client.get("/v1/reports/time?group_by=project").await?;
    Ok((wrong + usize::from(time["sum"]["seconds"] != worked)) as f64)
}
