//! What the read models show, compared with the fold.

use std::collections::HashMap;

use anyhow::{Context, Result};
use futures::{StreamExt, pin_mut};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::fold::Task;
use crate::client::Client;
use crate::database::Database;
use crate::stage::Stage;

/// Every row of the task list against the fold; answers what differs.
pub async fn compare(database: &Database, tasks: &HashMap<Uuid, Task>) -> Result<Vec<String>> {
    let database = database.another().await?;
    database.batch("set role docket_projector").await?;
    let nothing: [&(dyn ToSql + Sync); 0] = [];
    let rows = database.query_raw("select id, deleted, doc from read_tasks.tasks", nothing).await?;
    pin_mut!(rows);
    let (mut wrong, mut found) = (Vec::new(), 0);
    while let Some(row) = rows.next().await {
        let row = row?;
        let (id, deleted, doc): (Uuid, bool, &str) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let shown: Task = serde_json::from_str(doc).with_context(|| format!("the read model holds {doc}"))?;
        found += 1;
        match tasks.get(&id) {
            Some(task) if *task == (Task { deleted, ..shown }) => {}
            Some(task) => wrong.push(format!("{id} is {task:?} but shown as {doc}")),
            None => wrong.push(format!("{id} is shown but has no events")),
        }
    }
    if found != tasks.len() {
        wrong.push(format!("{found} tasks are in the read model, {} in the log", tasks.len()));
    }
    Ok(wrong)
}

/// The totals of lists and the projects' open tasks, as the API answers them, against the fold.
pub async fn compare_counts(stage: &Stage, tasks: &HashMap<Uuid, Task>) -> Result<Vec<String>> {
    let mut client = Client::open(&stage.docket.target).await?;
    let mut wrong = Vec::new();
    for project in stage.supplies.projects.iter().chain([&stage.big]) {
        let of_project = || tasks.values().filter(|task| task.project_id == *project && !task.deleted);
        let list = client.get(&format!("/v1/tasks?project_id={project}&limit=1")).await?;
        let (shown, total) = (list["total"].as_u64(), of_project().count() as u64);
        if shown != Some(total) {
            wrong.push(format!("project {project} has {total} tasks, its list says {shown:?}"));
        }
        let answer = client.get(&format!("/v1/projects/{project}")).await?;
        let (shown, open) = (answer["open_tasks"].as_u64(), of_project().filter(|task| task.is_open()).count() as u64);
        if shown != Some(open) {
            wrong.push(format!("project {project} has {open} open tasks, it says {shown:?}"));
        }
    }
    Ok(wrong)
}
