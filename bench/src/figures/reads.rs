//! A page of 50 tasks of one project, the first and deep ones, and single tasks: against the queries alone and against
//! an answer that never changes.

use std::sync::Arc;

use anyhow::{Context, Result};
use uuid::Uuid;

use crate::client::Client;
use crate::limits::{Query, Still};
use crate::load::{Outcome, closed};
use crate::report::Figure;
use crate::scripts::Gets;
use crate::stage::{FEW, Stage};

const CONNECTIONS: usize = 8;
const PAGE: usize = 50;
/// How many pages deep ones are taken from.
const DEEP_PAGES: usize = 40;

const LIST: &str = "select doc from read_tasks.tasks
    where workspace = $1 and project_id = $2 and not deleted and number < $3 order by number desc limit 51";
const GET: &str = "select doc from read_tasks.tasks where workspace = $1 and id = $2";
const SAMPLE: &str = "select id from read_tasks.tasks
    where workspace = $1 and not deleted and random() < 20000 / $2::float8 limit 20000";

/// What was measured at one size.
pub struct Reads {
    /// The first page.
    pub first: Outcome,
    /// Pages in the middle of the list.
    pub deep: Outcome,
    /// Single tasks.
    pub get: Outcome,
}

/// A place deep in the list: the cursor of a page and the number before which it starts.
struct Place {
    path: String,
    before: i64,
}

/// Measures and reports, with about so many tasks in the database.
pub async fn run(stage: &mut Stage, tasks: i64) -> Result<Reads> {
    let places = Arc::new(places(stage).await?);
    let first: Arc<[String]> = Arc::new([format!("/v1/tasks?project_id={}&limit={PAGE}", stage.big)]);
    let deep: Arc<[String]> = places.iter().map(|place| place.path.clone()).collect();
    let (workspace, big) = (stage.workspace, stage.big);

    let (first, size) = http(stage, &first).await?;
    let query = Query {
        sql: LIST,
        parameters: &|_| vec![Box::new(workspace), Box::new(big), Box::new(i64::MAX)],
        rows: PAGE + 1,
    };
    let first_alone = query.run(&stage.database, CONNECTIONS, stage.span()).await?;

    let (deep, _) = http(stage, &deep).await?;
    let before = |nth: u64| places[nth as usize % places.len()].before;
    let query = Query {
        sql: LIST,
        parameters: &|nth| vec![Box::new(workspace), Box::new(big), Box::new(before(nth))],
        rows: PAGE + 1,
    };
    let deep_alone = query.run(&stage.database, CONNECTIONS, stage.span()).await?;

    let ids = sample(stage, tasks).await?;
    let paths: Arc<[String]> = ids.iter().map(|id| format!("/v1/tasks/{id}")).collect();
    let (get, one) = http(stage, &paths).await?;
    let query = Query {
        sql: GET,
        parameters: &|nth| vec![Box::new(workspace), Box::new(ids[nth as usize % ids.len()])],
        rows: 1,
    };
    let get_alone = query.run(&stage.database, CONNECTIONS, stage.span()).await?;

    let at = format!("with {tasks} tasks");
    for (name, load, alone, goal) in [
        ("list, first page", &first, &first_alone, 0.7),
        ("list, deep pages", &deep, &deep_alone, 0.7),
        ("get by id", &get, &get_alone, 0.55),
    ] {
        let figure = Figure::rate(format!("{name}, {at}"), load);
        stage.report.add(figure.against("L3", alone.rate()).at_least(goal));
    }
    if tasks == FEW as i64 {
        still(stage, size, "list", first.rate()).await?;
        still(stage, one, "get", get.rate()).await?;
    }
    Ok(Reads { first, deep, get })
}

/// Gets these paths in turn; tells the size of an answer, too.
pub async fn http(stage: &Stage, paths: &Arc<[String]>) -> Result<(Outcome, usize)> {
    let mut scripts: Vec<_> = (0..CONNECTIONS).map(|nth| Gets::many(paths, nth)).collect();
    let outcome = closed(&stage.docket.target, &mut scripts, stage.span()).await?;
    anyhow::ensure!(outcome.bad_count() == 0, "a read fails: {}", outcome.describe());
    Ok((outcome, scripts[0].length))
}

/// L4: how near it comes to an answer of the same size that never changes.
async fn still(stage: &mut Stage, bytes: usize, what: &str, rate: f64) -> Result<()> {
    let server = Still::start(&stage.program, bytes).await?;
    let outcome = server.run(CONNECTIONS, stage.span()).await?;
    let name = format!("{what} against a static answer of {bytes} bytes");
    stage.report.add(Figure::new(name, rate, "/s").against("L4", outcome.rate()));
    Ok(())
}

/// Walks to the middle of the big project's list, as a client would: from cursor to cursor.
async fn places(stage: &Stage) -> Result<Vec<Place>> {
    let mut client = Client::open(&stage.docket.target).await?;
    let list = format!("/v1/tasks?project_id={}", stage.big);
    let mut page = client.get(&format!("{list}&limit=200")).await?;
    let total = page["total"].as_u64().context("a list has no total")? as usize;
    let mut seen = 200;
    while seen + 200 < total / 2 {
        page = client.get(&format!("{list}&limit=200&cursor={}", cursor(&page)?)).await?;
        seen += 200;
    }
    let mut places = Vec::with_capacity(DEEP_PAGES);
    while places.len() < DEEP_PAGES && seen + 2 * PAGE < total {
        let path = format!("{list}&limit={PAGE}&cursor={}", cursor(&page)?);
        page = client.get(&path).await?;
        let first = page["data"][0]["number"].as_i64().context("a deep page is empty")?;
        places.push(Place { path, before: first + 1 });
        seen += PAGE;
    }
    Ok(places)
}

fn cursor(page: &serde_json::Value) -> Result<&str> {
    page["next_cursor"].as_str().context("a page has no next_cursor")
}

async fn sample(stage: &Stage, tasks: i64) -> Result<Vec<Uuid>> {
    let database = stage.database.another().await?;
    database.batch("set role docket_projector").await?;
    let rows = database.query(SAMPLE, &[&stage.workspace, &(tasks as f64 * 1.5)]).await?;
    anyhow::ensure!(!rows.is_empty(), "there are no tasks to get");
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
