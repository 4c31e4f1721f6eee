//! Lists as people ask for them, among many tasks: three filters and an order, and search. Each against the same question
//! put to PostgreSQL directly: the rows, and how many there are.

use std::sync::Arc;

use anyhow::Result;

use super::reads::http;
use crate::limits::Query;
use crate::report::Figure;
use crate::stage::Stage;

/// How many ask at once.
pub const CONNECTIONS: usize = 8;
const PAGE: usize = 50;
const GOAL: f64 = 0.6;

/// The places of `todo` and `in_progress` among the statuses.
const OPEN: [i16; 2] = [1, 2];

const FILTERED: &str = "select d.doc, (select count(*) from read_tasks.task_assignees r
            join read_tasks.tasks d on d.workspace = r.workspace and d.number = r.number
            where r.workspace = $1 and r.member_id = $4 and d.project_id = $2 and d.status = any ($3) and not d.deleted)
    from read_tasks.task_assignees r join read_tasks.tasks d on d.workspace = r.workspace and d.number = r.number
    where r.workspace = $1 and r.member_id = $4 and d.project_id = $2 and d.status = any ($3) and not d.deleted
    order by d.due_date, d.number limit 51";

const SEARCHED: &str = "with found as materialized (
        select number, ts_rank(words, $2::text::tsquery) as rank from read_tasks.task_search
        where workspace = $1 and words @@ $2::text::tsquery)
    select d.doc, (select count(*) from found) from found f
    join read_tasks.tasks d on d.workspace = $1 and d.number = f.number
    where not d.deleted order by f.rank desc, d.number desc limit 51";

/// Measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let tasks = stage.options.many();
    let (workspace, big, member) = (stage.workspace, stage.big, stage.supplies.members[0]);
    let path =
        format!("/v1/tasks?project_id={big}&status=todo,in_progress&assignee_id={member}&sort=due_date&limit={PAGE}");
    let query = Query {
        sql: FILTERED,
        parameters: &|_| vec![Box::new(workspace), Box::new(big), Box::new(OPEN.to_vec()), Box::new(member)],
        rows: PAGE + 1,
    };
    measure(stage, format!("list with three filters and an order, of {tasks} tasks"), path, query).await?;

    for (kind, asked, words) in [
        ("two common words", "harbour%20drawings", &["harbour", "drawings"][..]),
        ("four words", "measure%20harbour%20l%C3%BCbeck%20drawings", &["measure", "harbour", "lübeck", "drawings"]),
    ] {
        let path = format!("/v1/tasks?q={asked}&limit={PAGE}");
        // Words are indexed behind the first digits of their tenant.
        let tag = format!("{:08x}", workspace.as_fields().0);
        let words = words.iter().map(|word| format!("'{tag}{word}'")).collect::<Vec<_>>().join(" & ");
        let query = Query {
            sql: SEARCHED,
            parameters: &|_| vec![Box::new(workspace), Box::new(words.clone())],
            rows: PAGE + 1,
        };
        let name = format!("search for {kind} in {tasks} tasks");
        let p99 = measure(stage, name.clone(), path, query).await?;
        stage.report.add(Figure::new(format!("{name}, p99"), p99, "ms"));
    }
    Ok(())
}

/// Measures a path against its query and reports; answers the p99 in milliseconds.
pub async fn measure(stage: &mut Stage, name: String, path: String, query: Query<'_>) -> Result<f64> {
    let paths: Arc<[String]> = Arc::new([path]);
    let load = match http(stage, &paths).await {
        Ok((load, _)) => load,
        Err(error) => {
            stage.report.add(Figure::new(name, 0.0, "/s").at_least(GOAL).noting(error.to_string()));
            return Ok(f64::INFINITY);
        }
    };
    let alone = query.run(&stage.database, CONNECTIONS, stage.span()).await?;
    stage.report.add(Figure::rate(name, &load).against("its query", alone.rate()).at_least(GOAL));
    Ok(load.millis(0.99))
}
