//! Does the time of an answer tell what there is? Two questions that are refused alike are asked in random order over one
//! connection, and how well their answers can be told apart by the time they took is compared with how well those of one
//! question can be told from those of the same question.

mod ranks;
mod tokens;

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};
use uuid::Uuid;

use self::ranks::{Apart, apart, median};
use crate::client::{self, Client};
use crate::data;
use crate::load::{Connection, Request, Target};
use crate::report::Figure;
use crate::stage::Stage;

/// So many of each are asked for each second of measuring: up to 50,000, so that two are compared by 100,000 answers.
const EACH: f64 = 20_000.0;
const MOST: usize = 50_000;
const LEAST: usize = 1_000;
/// Of so many, one is for warming up.
const WARM_UP: usize = 20;
/// After so many turns, the key's owner asks something: a key that is guessed at may be in use.
const OWNER: usize = 100;
/// How many tasks of another workspace are asked for.
const TASKS: usize = 100;
/// In percent: how much oftener than every other time the slower one may be the one of what there is.
const GOAL: f64 = 2.0;

/// What is asked each turn: for what nobody has, the same again, and for what somebody has.
const NOBODYS: usize = 0;
const AGAIN: usize = 1;
const SOMEBODYS: usize = 2;

/// How long the answers to each took, in nanoseconds.
type Times = [Vec<u64>; 3];

/// Measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    stage.progress.settled().await?;
    let times = keys(stage).await?;
    report(stage, "401 to a wrong secret of a key that there is", &times);
    let times = tasks(stage).await?;
    report(stage, "404 to a task of another workspace", &times);
    Ok(())
}

/// Keys whose checksums are right: with the public id of one that there is, and of none.
async fn keys(stage: &Stage) -> Result<Times> {
    let Target { address, key } = &stage.docket.target;
    let key = key.as_ref().context("there is no key")?;
    ensure!(tokens::again(key)? == *key, "checksums of keys are made otherwise");
    let (known, unknown) = (tokens::public(key)?, tokens::nobodys(&mut data::rng()));
    ask(stage, 401, |rng, is_somebodys| {
        let public: &str = if is_somebodys { known } else { &unknown };
        let key = tokens::with_some_secret(public, rng);
        let mut request = Request::new(&Target { address: address.clone(), key: Some(key) });
        request.get(format_args!("/v1/me"));
        request
    })
    .await
}

/// Tasks that another workspace has, and ids that nobody has.
async fn tasks(stage: &Stage) -> Result<Times> {
    let somebodys = neighbours(stage).await?;
    let mut rng = data::rng();
    let nobodys: Vec<Uuid> = somebodys.iter().map(|_| data::uuid(&mut rng)).collect();
    ask(stage, 404, |rng, is_somebodys| {
        let tasks = if is_somebodys { &somebodys } else { &nobodys };
        let task = data::pick(rng, tasks);
        let mut request = Request::new(&stage.docket.target);
        request.get(format_args!("/v1/tasks/{task}"));
        request
    })
    .await
}

/// The tasks of a new workspace.
async fn neighbours(stage: &Stage) -> Result<Vec<Uuid>> {
    let email = format!("{}@bench.example", Uuid::new_v4().simple());
    let create =
        ["workspace", "create", "--json", "--name", "Neighbours", "--owner-name", "Nia", "--owner-email", &email];
    let made: Value = serde_json::from_str(&stage.docket.run(&create).await?)?;
    let key = made["key"].as_str().context("a new workspace has no key")?.to_owned();
    let mut client = Client::open(&Target { address: stage.docket.target.address.clone(), key: Some(key) }).await?;
    let project = client::id(&client.post("/v1/projects", &json!({ "name": "Theirs" })).await?)?;
    let create = json!({ "op": "create", "task": { "project_id": project, "title": "Nobody else's" } });
    let batch = json!({ "mode": "atomic", "commands": vec![create; TASKS] });
    let answer = client.post("/v1/tasks/batch", &batch).await?;
    let results = answer["results"].as_array().context("a batch has no results")?;
    let tasks = results.iter().map(|result| client::id(&result["task"])).collect::<Result<Vec<_>>>()?;
    ensure!(tasks.len() == TASKS, "a batch answers {} tasks: {answer}", tasks.len());
    stage.progress.settled().await?;
    Ok(tasks)
}

/// Asks for what nobody has, again, and for what somebody has, each turn in another order. All have to be refused with
/// this status.
async fn ask(stage: &Stage, status: u16, write: impl Fn(&mut StdRng, bool) -> Request) -> Result<Times> {
    let turns = ((EACH * stage.options.seconds()) as usize).clamp(LEAST, MOST);
    let warm_up = turns / WARM_UP;
    let mut connection = Connection::open(&stage.docket.target.address).await?;
    let mut owner = Client::open(&stage.docket.target).await?;
    let mut rng = data::rng();
    let mut times: Times = std::array::from_fn(|_| Vec::with_capacity(turns));
    for turn in 0..warm_up + turns {
        if turn % OWNER == 0 {
            owner.get("/v1/me").await?;
        }
        let mut order = [NOBODYS, AGAIN, SOMEBODYS];
        order.shuffle(&mut rng);
        for which in order {
            let request = write(&mut rng, which == SOMEBODYS);
            let sent = Instant::now();
            let answer = connection.send(request.bytes()).await?;
            let took = sent.elapsed().as_nanos() as u64;
            ensure!(
                answer.status == status,
                "{} instead of {status}: {}",
                answer.status,
                String::from_utf8_lossy(answer.body)
            );
            if turn >= warm_up {
                times[which].push(took);
            }
        }
    }
    Ok(times)
}

fn report(stage: &mut Stage, name: &str, times: &Times) {
    let [nobodys, again, somebodys] = times;
    let percent = |apart: &Apart| (apart.auc - 0.5).abs() * 100.0;
    let note = |apart: &Apart| {
        let Apart { auc, error } = apart;
        format!("{} of each; AUC {auc:.4}, 0.5 ± {error:.4} if there is nothing to tell", nobodys.len())
    };
    let (told, itself) = (apart(nobodys, somebodys), apart(nobodys, again));
    let figure = Figure::new(format!("{name}, told by its time from one to what nobody has"), percent(&told), "%");
    stage.report.add(figure.at_most(GOAL).noting(note(&told)));
    let figure = Figure::new("… that told from the same again, to know of", percent(&itself), "%");
    stage.report.add(figure.noting(note(&itself)));
    let micros = |times: &[u64]| median(times) / 1e3;
    let figure = Figure::new("… median", micros(somebodys), "µs");
    stage.report.add(figure.against("what nobody has", micros(nobodys)));
}
