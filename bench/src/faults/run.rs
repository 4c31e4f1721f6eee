//! One run: load, faults one after the other, quiet, and the reckoning.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rand::Rng;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::check::{self, PROMISES};
use crate::client::Client;
use crate::cluster::Workspace;
use crate::ears::Ear;
use crate::facts::Facts;
use crate::history::History;
use crate::menu;
use crate::options::Options;
use crate::planted::PLANTED;
use crate::probe::Probe;
use crate::report::Felt;
use crate::stage::Stage;
use crate::workload::{Common, Worker, id};

const WORKSPACES: usize = 3;
/// How long the read models may take to have everything when all is quiet.
const QUIET: Duration = Duration::from_mins(3);

/// Runs; an error says what is wrong.
pub async fn run(options: Options) -> Result<()> {
    let begun = Instant::now();
    println!("seed {}: {} commands, {} clients", options.seed, options.commands, options.clients);
    let mut stage = Stage::set(&options).await?;
    println!(
        "the cluster is up after {:.1} s; data and logs: {}",
        begun.elapsed().as_secs_f64(),
        stage.cluster.data.display()
    );
    let outcome = tokio::select! {
        outcome = all(&options, &mut stage) => outcome,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    let Stage { cluster, nodes, .. } = stage;
    drop(nodes);
    let data = cluster.data.clone();
    cluster.stop().await;
    println!(
        "{} after {:.0} s",
        if outcome.is_ok() { "kept every promise" } else { "FAILED" },
        begun.elapsed().as_secs_f64()
    );
    if outcome.is_ok() && !options.keep {
        let _ = std::fs::remove_dir_all(data);
    }
    outcome
}

async fn all(options: &Options, stage: &mut Stage) -> Result<()> {
    let history = Rc::new(RefCell::new(History::default()));
    let enough = Rc::new(Cell::new(false));
    let (workers, mut probe) = people(options, stage, &history, &enough).await?;
    let loaded = Instant::now();
    let felt = disturb(options, stage, &mut probe).await?;
    while history.borrow().acknowledged() < options.commands {
        sleep(Duration::from_millis(100)).await;
    }
    enough.set(true);
    stage.heal().await?;
    for worker in workers {
        worker.await?;
    }
    let seconds = loaded.elapsed().as_secs_f64();
    let database = stage.database().await?;
    let quiet = Instant::now();
    while !Facts::caught_up(&database).await? && quiet.elapsed() < QUIET {
        sleep(Duration::from_millis(100)).await;
    }
    let facts = Facts::load(&database).await?;
    while check::unheard(&facts, &history.borrow()) && quiet.elapsed() < QUIET {
        sleep(Duration::from_millis(100)).await;
    }
    let history = history.take();
    println!("\n{}\n", felt.table());
    println!(
        "{} commands acknowledged in {seconds:.0} s ({:.0}/s), {} events; {} calls, sent {} times; {} repeats of answered \
         calls; {} reads looked at; {} messages heard over NATS; all read models had everything {:.1} s after the last answer",
        history.acknowledged(),
        history.acknowledged() as f64 / seconds,
        facts.events.len(),
        history.calls.len(),
        history.sent,
        history.repeats,
        history.reads,
        history.heard.values().map(Vec::len).sum::<usize>(),
        quiet.elapsed().as_secs_f64(),
    );
    let broken = reckon(&facts, &history);
    let same = replay(stage, &database).await?;
    println!("{} read models are the same after a rebuild from the log", if same { "ok    " } else { "BROKEN" });
    if broken > 0 || !same {
        bail!("{broken} promises are broken; see {}", stage.cluster.data.display());
    }
    check_the_checker(&facts, &history)
}

/// Everybody who writes, at work.
async fn people(
    options: &Options,
    stage: &Stage,
    history: &Rc<RefCell<History>>,
    enough: &Rc<Cell<bool>>,
) -> Result<(Vec<JoinHandle<()>>, Probe)> {
    let apis: Rc<[u16]> = stage.apis().into();
    let mut rng = StdRng::seed_from_u64(options.seed);
    let mut workers = Vec::new();
    for nth in 0..WORKSPACES {
        let workspace = stage.cluster.workspace(&format!("workspace-{nth}")).await?;
        let common = Rc::new(common(&workspace, apis[0], enough).await?);
        listen(stage, &workspace, (apis[0], common.members[1]), history).await?;
        for _ in (nth..options.clients).step_by(WORKSPACES) {
            let minted =
                set_up(&workspace, apis[0], "/v1/keys", json!({ "label": "client", "scopes": ["admin"] })).await?;
            let key = minted["token"].as_str().context("a key has no token")?.to_owned();
            let client = Client::new(rng.random(), apis.clone(), workspace.id, key, history.clone());
            let common = common.clone();
            workers.push(tokio::task::spawn_local(async move {
                if let Some(worker) = Worker::open(client, common).await {
                    worker.work().await;
                }
            }));
        }
    }
    let probing = stage.cluster.workspace("probe").await?;
    Ok((workers, Probe::new(probing.key, apis.to_vec())))
}

/// Lets a member listen over NATS.
async fn listen(
    stage: &Stage,
    workspace: &Workspace,
    (api, member): (u16, Uuid),
    history: &Rc<RefCell<History>>,
) -> Result<()> {
    let key = json!({ "label": "listener", "scopes": ["notifications:read"], "member_id": member });
    let minted = set_up(workspace, api, "/v1/keys", key).await?;
    let ear = Ear::new(&stage.cluster.state()?.consumers_url, member, &minted, history.clone())?;
    // It ends with this thread.
    drop(ear.listen().await?);
    Ok(())
}

async fn common(workspace: &Workspace, api: u16, enough: &Rc<Cell<bool>>) -> Result<Common> {
    let (mut members, mut labels) = (vec![workspace.owner], Vec::new());
    for name in ["Bo", "Chioma", "Dmitri"] {
        let member = json!({ "name": name, "email": format!("{name}@faults.example") });
        members.push(id(&set_up(workspace, api, "/v1/members", member).await?).context("a member has no id")?);
        let label = json!({ "name": format!("Label of {name}") });
        labels.push(id(&set_up(workspace, api, "/v1/labels", label).await?).context("a label has no id")?);
    }
    Ok(Common { members, labels, shared: RefCell::default(), enough: enough.clone() })
}

/// Makes something before anything goes wrong.
async fn set_up(workspace: &Workspace, api: u16, path: &str, body: Value) -> Result<Value> {
    let request = reqwest::Client::new().post(format!("http://127.0.0.1:{api}{path}")).bearer_auth(&workspace.key);
    let answer = request.json(&body).send().await?;
    let status = answer.status();
    let body = answer.text().await?;
    anyhow::ensure!(status.is_success(), "{path} answers {status}: {body}");
    Ok(serde_json::from_str(&body)?)
}

/// One fault after the other; each has to be over before the next begins.
async fn disturb(options: &Options, stage: &mut Stage, probe: &mut Probe) -> Result<Felt> {
    let mut felt = Felt::default();
    anyhow::ensure!(
        probe.watch(&Cell::new(true), false).await.is_some(),
        "nothing works even before anything goes wrong"
    );
    let faults = menu::draw(options);
    let kills = faults.iter().filter(|fault| fault.kills()).count();
    println!("{} faults, {kills} of them kills", faults.len());
    for fault in &faults {
        let over = Cell::new(false);
        let suffering = async {
            let suffered = stage.suffer(fault).await;
            over.set(true);
            suffered
        };
        let (suffered, long) = tokio::join!(suffering, probe.watch(&over, fault.unfelt()));
        suffered.with_context(|| format!("while trying: {}", fault.name()))?;
        let long = long.with_context(|| format!("Docket does not recover: {}", fault.name()))?;
        println!("{:>7.2} s  {fault:?}", long.as_secs_f64());
        felt.add(fault.name(), long);
    }
    Ok(felt)
}

/// Checks every promise; answers how many are broken.
fn reckon(facts: &Facts, history: &History) -> usize {
    let mut broken = 0;
    for promise in &PROMISES {
        let breaches = promise.breaches(facts, history);
        println!("{} {}", if breaches.is_empty() { "ok    " } else { "BROKEN" }, promise.says);
        for breach in breaches.iter().take(5) {
            println!("         {breach}");
        }
        if breaches.len() > 5 {
            println!("         … {} in all", breaches.len());
        }
        broken += usize::from(!breaches.is_empty());
    }
    broken
}

/// Whether the read models are what building them anew from the log makes of it.
async fn replay(stage: &Stage, database: &tokio_postgres::Client) -> Result<bool> {
    let live = Facts::digest(database).await?;
    stage.cluster.run(&["projections", "rebuild"]).await?;
    let anew = Facts::digest(database).await?;
    for (table, digest) in &live {
        if anew.get(table) != Some(digest) {
            println!("         {table}: {digest} live, {:?} rebuilt", anew.get(table));
        }
    }
    Ok(live == anew)
}

/// Whether the checker would have seen it, had anything been wrong.
fn check_the_checker(facts: &Facts, history: &History) -> Result<()> {
    let mut missed = Vec::new();
    for planted in &PLANTED {
        match planted.caught(facts, history) {
            Some(true) => {}
            Some(false) => missed.push(format!("a Docket that {} is not noticed", planted.does)),
            None => missed.push(format!("there was nothing to try on: a Docket that {}", planted.does)),
        }
    }
    println!("ok     the checker notices {} of {} planted bugs", PLANTED.len() - missed.len(), PLANTED.len());
    anyhow::ensure!(missed.is_empty(), "{}", missed.join("\n"));
    Ok(())
}
