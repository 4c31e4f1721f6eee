//! Lists as they were at moments in the middle of a long history, and near its end, each against the same list now, taking turns.

use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::json;

use super::reads::http;
use crate::client::Client;
use crate::load::Outcome;
use crate::prefill;
use crate::report::Figure;
use crate::stage::Stage;

const PAGE: usize = 50;
/// A list of the past may take so many times as long as the same list now.
const GOAL: f64 = 3.0;
/// So many moments are asked for in turn, so many positions apart.
const MOMENTS: i64 = 40;
const APART: i64 = 997;
/// Moments near the end are from so many positions before it on, up to so many.
const NEAR: (f64, f64) = (10.0, 100_000.0);
/// Of so many that are changed first, one is changed last.
const LAST: i64 = 50;
/// How many pages of 200 lie before a deep one.
const DEEP: usize = 50;

/// Makes the history longer, then measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let mut client = Client::open(&stage.docket.target).await?;
    lengthen(stage, &mut client).await?;
    let events = stage.database.number("select max(position) from log.heads").await?;
    let moments: Vec<_> = (0..MOMENTS).map(|nth| events / 2 + nth * APART).collect();
    let (big, member) = (stage.big, stage.supplies.members[0]);
    let lists = [
        ("all tasks", format!("/v1/tasks?limit={PAGE}")),
        ("a project's", format!("/v1/tasks?project_id={big}&limit={PAGE}")),
        ("a column's of a board", format!("/v1/tasks?project_id={big}&status=todo&limit={PAGE}")),
        ("a member's", format!("/v1/tasks?assignee_id={member}&limit={PAGE}")),
        (
            "three filters and an order",
            format!(
                "/v1/tasks?project_id={big}&status=todo,in_progress&assignee_id={member}&sort=due_date&limit={PAGE}"
            ),
        ),
        ("a project's, by when they are due", format!("/v1/tasks?project_id={big}&sort=due_date&limit={PAGE}")),
        ("in a status, what changed last", format!("/v1/tasks?status=todo&sort=-updated_at&limit={PAGE}")),
        ("with two words", format!("/v1/tasks?q=harbour%20drawings&limit={PAGE}")),
    ];
    let late: Vec<_> = (0..MOMENTS).map(|nth| events - before_the_end(nth)).collect();
    for (name, path) in lists {
        for (moments, which) in [(&moments, ""), (&late, "near the end ")] {
            let then = moments.iter().map(|at| format!("{path}&as_of={at}")).collect();
            let name = format!("tasks as they were: {name}, {which}of {events} events");
            compare(stage, &name, Arc::new([path.clone()]), then).await?;
        }
    }
    let list = format!("/v1/tasks?project_id={big}");
    // The first one has been idle for longer than it is kept.
    let mut client = Client::open(&stage.docket.target).await?;
    let now = Arc::new([deep(&mut client, &list).await?]);
    let mut then = Vec::new();
    for at in &moments[..4] {
        then.push(deep(&mut client, &format!("{list}&as_of={at}")).await?);
    }
    compare(stage, &format!("tasks as they were: a project's, deep, of {events} events"), now, then.into()).await
}

/// How long before the end one of the late moments is: each so many times as far as the one before.
fn before_the_end(nth: i64) -> i64 {
    let (least, most) = NEAR;
    (least * (most / least).powf(nth as f64 / (MOMENTS - 1) as f64)) as i64
}

/// Changes a quarter of all tasks, adds another quarter, and changes some more.
async fn lengthen(stage: &Stage, client: &mut Client) -> Result<()> {
    let count = stage.options.many() / 4;
    let task = stage.first.first().context("there are no tasks")?;
    client.patch(&format!("/v1/tasks/{task}"), &json!({ "status": "in_review" })).await?;
    eprintln!("        changing {count} tasks, and adding as many");
    prefill::change(&stage.database, stage.workspace, count).await?;
    prefill::fill(&stage.database, stage.workspace, stage.big, &stage.supplies, count).await?;
    // Whoever is told of it has been told before it goes on.
    stage.progress.settled().await?;
    prefill::change(&stage.database, stage.workspace, count / LAST).await?;
    stage.progress.settled().await?;
    stage.database.batch("vacuum (analyze)").await
}

/// Measures both in turn and reports.
async fn compare(stage: &mut Stage, name: &str, now: Arc<[String]>, then: Arc<[String]>) -> Result<()> {
    let (mut live, mut past) = (Outcome::default(), Outcome::default());
    for _ in 0..stage.options.rounds() {
        live.append(&http(stage, &now).await?.0);
        past.append(&http(stage, &then).await?.0);
    }
    let note = format!("{}; now: {}", past.describe(), live.describe());
    let figure = Figure::new(name, 1_000.0 / past.rate(), "ms").against("now", 1_000.0 / live.rate());
    stage.report.add(figure.at_most(GOAL).noting(note));
    Ok(())
}

/// The path of a page deep in a list: as a client comes there, from cursor to cursor.
async fn deep(client: &mut Client, list: &str) -> Result<String> {
    let mut path = format!("{list}&limit=200");
    let mut cursor = String::new();
    for _ in 0..DEEP {
        let page = client.get(&path).await?;
        let Some(next) = page["next_cursor"].as_str() else { break };
        next.clone_into(&mut cursor);
        path = format!("{list}&limit=200&cursor={cursor}");
    }
    Ok(format!("{list}&limit={PAGE}&cursor={cursor}"))
}
