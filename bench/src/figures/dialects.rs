//! What it costs to be asked in another product's words: a page of 50 tasks and a new task through each dialect, against
//! the same through the native API, taking turns. What a list has shown once is remembered; what it costs to show tasks for
//! the first time is measured beside it.

use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::reads::http;
use crate::client::Client;
use crate::load::{Outcome, closed};
use crate::report::Figure;
use crate::scripts::Posts;
use crate::stage::Stage;

const CONNECTIONS: usize = 8;
const GOAL: f64 = 0.9;
const PAGE: usize = 50;
/// How many pages there are of tasks that are hardly ever shown: several times as many as are remembered.
const PAGES: usize = 2_000;

/// How one API is asked for the tasks of the big project, and for a new one.
struct Api {
    name: &'static str,
    list: String,
    /// What the native list is asked besides, to show as much.
    besides: &'static str,
    /// Where and what; none, if it only reads.
    create: Option<(&'static str, Value)>,
    /// Whether a cursor of the native list leads to the same page of its own.
    by_cursor: bool,
}

/// Measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let apis = apis(stage).await?;
    let (native, dialects) = apis.split_first().context("there is no API")?;
    let cursors = cursors(stage, native).await?;
    for dialect in dialects {
        let (mut own, mut theirs) = (Outcome::default(), Outcome::default());
        for _ in 0..stage.options.rounds() {
            own.append(&list(stage, [format!("{}{}", native.list, dialect.besides)]).await?);
            theirs.append(&list(stage, [dialect.list.clone()]).await?);
        }
        report(stage, format!("list of {PAGE} through {}", dialect.name), &theirs, &own);
        if dialect.by_cursor {
            first_time(stage, native, dialect, &cursors).await?;
        }
        if dialect.create.is_none() {
            continue;
        }
        let (mut own, mut theirs) = (Outcome::default(), Outcome::default());
        for nth in 0..stage.options.rounds() {
            // Neither is always the one that finds more there.
            let mut turns = [(native, &mut own), (dialect, &mut theirs)];
            if nth % 2 == 1 {
                turns.reverse();
            }
            for (api, outcome) in turns {
                outcome.append(&create(stage, api).await?);
            }
        }
        report(stage, format!("create through {}", dialect.name), &theirs, &own);
    }
    Ok(())
}

fn report(stage: &mut Stage, name: String, theirs: &Outcome, own: &Outcome) {
    stage.report.add(Figure::rate(name, theirs).against("native", own.rate()).at_least(GOAL));
}

/// Pages of tasks that were not shown lately, so that their words are new. No target: it says what remembering saves.
async fn first_time(stage: &mut Stage, native: &Api, dialect: &Api, cursors: &[String]) -> Result<()> {
    let (mut own, mut theirs) = (Outcome::default(), Outcome::default());
    let pages = |api: &Api| cursors.iter().map(|cursor| format!("{}&cursor={cursor}", api.list)).collect::<Vec<_>>();
    for _ in 0..stage.options.rounds() {
        own.append(&list(stage, pages(native)).await?);
        theirs.append(&list(stage, pages(dialect)).await?);
    }
    let name = format!("… {} pages in turn", cursors.len());
    stage.report.add(Figure::rate(name, &theirs).against("native", own.rate()));
    Ok(())
}

async fn list(stage: &Stage, paths: impl Into<Arc<[String]>>) -> Result<Outcome> {
    Ok(http(stage, &paths.into()).await?.0)
}

/// Where the pages of the big project start, from cursor to cursor.
async fn cursors(stage: &Stage, native: &Api) -> Result<Vec<String>> {
    let mut client = Client::open(&stage.docket.target).await?;
    let mut page = client.get(&native.list).await?;
    let mut cursors = Vec::new();
    while let (Some(cursor), true) = (page["next_cursor"].as_str(), cursors.len() < PAGES) {
        cursors.push(cursor.to_owned());
        page = client.get(&format!("{}&cursor={cursor}", native.list)).await?;
    }
    Ok(cursors)
}

async fn create(stage: &mut Stage, api: &Api) -> Result<Outcome> {
    let (path, body) = api.create.as_ref().context("it only reads")?;
    let (path, body): (Arc<str>, Arc<str>) = ((*path).into(), body.to_string().into());
    let mut scripts: Vec<_> = (0..CONNECTIONS).map(|_| Posts::new(&path, &body)).collect();
    let outcome = closed(&stage.docket.target, &mut scripts, stage.span()).await?;
    anyhow::ensure!(outcome.bad_count() == 0, "{path} fails: {}", outcome.describe());
    stage.progress.settled().await?;
    Ok(outcome)
}

async fn apis(stage: &Stage) -> Result<Vec<Api>> {
    let (big, few) = (stage.big, stage.supplies.projects[0]);
    let mut client = Client::open(&stage.docket.target).await?;
    let (big_number, few_number) = (number(&mut client, big).await?, number(&mut client, few).await?);
    let api = |name, list: String, create| Api { name, list, besides: "", create, by_cursor: false };
    let cursors = |api| Api { by_cursor: true, ..api };
    let title = "Measure what is said in other words";
    Ok(vec![
        api(
            "native",
            format!("/v1/tasks?project_id={big}&limit={PAGE}"),
            Some(("/v1/tasks", json!({"project_id": few, "title": title}))),
        ),
        api(
            "ikreo",
            format!("/ikreo/api.php?endpoint=tasks&project_id={big_number}&limit={PAGE}"),
            Some(("/ikreo/api.php?endpoint=tasks", json!({"project_id": few_number, "title": title}))),
        ),
        cursors(api(
            "krokanti",
            format!("/krokanti/api/tasks?projectId={big}&limit={PAGE}"),
            Some(("/krokanti/api/tasks", json!({"projectId": few, "title": title}))),
        )),
        Api { besides: "&expand=project", ..api("pike", format!("/pike/tasks?projectId={big}&limit={PAGE}"), None) },
        cursors(api(
            "projekt",
            format!("/projekt/api/issues?project_id={big}&limit={PAGE}&offset=0"),
            Some(("/projekt/api/issues", json!({"project_id": few, "title": title}))),
        )),
        api(
            "generic",
            format!("/generic/v1/tasks?project_id={}&limit={PAGE}", prefixed(big)),
            Some(("/generic/v1/tasks", json!({"project_id": prefixed(few), "title": title}))),
        ),
    ])
}

async fn number(client: &mut Client, project: uuid::Uuid) -> Result<i64> {
    let project = client.get(&format!("/v1/projects/{project}")).await?;
    project["number"].as_i64().context("a project has no number")
}

/// A project's id as the generic API has it: its 128 bits in base62.
fn prefixed(project: uuid::Uuid) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let digit = |place| char::from(DIGITS[(project.as_u128() / 62_u128.pow(place) % 62) as usize]);
    format!("proj_{}", (0..22).rev().map(digit).collect::<String>())
}
