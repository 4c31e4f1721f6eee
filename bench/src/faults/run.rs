//! One run: load, faults one after the other, quiet, and the reckoning.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::{Instant, sleep, timeout};

use crate::check::{self, PROMISES, REBUILT};
use crate::client::PATIENCE;
use crate::cluster::{Cluster, State};
use crate::facts::{self, Facts};
use crate::falsified::FALSIFIED;
use crate::history::History;
use crate::menu;
use crate::options::Options;
use crate::people::{People, Work};
use crate::probe::Probe;
use crate::report::Felt;
use crate::stage::Stage;

/// How long read models may come no nearer to having everything when all is quiet, and nothing may be acknowledged when
/// all is well.
pub const QUIET: Duration = Duration::from_mins(3);
/// How long it may take to get the checkpoints, and how long after that they are wanted again.
const TO_KEEP: Duration = Duration::from_secs(2);
const KEPT: Duration = Duration::from_millis(500);

/// Runs; an error says what is wrong.
pub async fn run(options: &Options) -> Result<()> {
    let begun = Instant::now();
    println!("seed {}: {} commands, {} clients", options.seed, options.commands, options.clients);
    let mut stage = Stage::set(options).await?;
    println!(
        "the cluster is up after {:.1} s; data and logs: {}",
        begun.elapsed().as_secs_f64(),
        stage.cluster.data.display()
    );
    let outcome = tokio::select! {
        outcome = all(options, &mut stage) => outcome,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    let Stage { cluster, nodes, .. } = stage;
    drop(nodes);
    println!(
        "{} after {:.0} s",
        if outcome.is_ok() { "kept every promise" } else { "FAILED" },
        begun.elapsed().as_secs_f64()
    );
    if outcome.is_err() {
        println!("{}", cluster.last_words()?);
    }
    cluster.stop(options.keep || outcome.is_err()).await;
    outcome
}

async fn all(options: &Options, stage: &mut Stage) -> Result<()> {
    let work = Work::new(options, stage.apis(), PATIENCE);
    let people = People::gather(&stage.cluster, stage.apis()[0], options.clients).await?;
    let mut probe = Probe::new(stage.cluster.workspace("probe").await?.key, stage.apis());
    // They go on listening until this thread ends.
    drop(people.listen(&stage.cluster, &work.history).await?);
    let loaded = Instant::now();
    let workers = people.work(&work);
    let kept = keep_checkpoints(stage.cluster.data.clone(), work.history.clone(), work.enough.clone());
    let keeping = tokio::task::spawn_local(kept);
    let felt = disturb(options, stage, &work, &mut probe).await?;
    until_enough(&work, options.commands).await?;
    work.enough.set(true);
    stage.heal().await?;
    for worker in workers {
        worker.await?;
    }
    keeping.await?;
    let seconds = loaded.elapsed().as_secs_f64();
    let database = stage.cluster.database().await?;
    let quiet = Instant::now();
    Facts::settle(&database, QUIET).await?;
    let settled = Instant::now();
    let facts = Facts::load(&stage.cluster, &database).await?;
    while check::unheard(&facts, &work.history.borrow()) && settled.elapsed() < QUIET {
        sleep(Duration::from_millis(100)).await;
    }
    let history = work.history.take();
    println!("\n{}\n", felt.table());
    println!(
        "{} commands acknowledged in {seconds:.0} s ({:.0}/s), {} events; {} calls, sent {} times, {} of them more than once; \
         {} repeats of answered calls; {} reads looked at; {} messages heard over NATS; \
         {} checkpoints kept; all read models had everything {:.1} s after the last answer",
        history.acknowledged,
        history.acknowledged as f64 / seconds,
        facts.events.len(),
        history.calls.len(),
        history.sent,
        history.sent_again,
        history.repeats,
        history.reads,
        history.heard.values().map(Vec::len).sum::<usize>(),
        history.witnessed.len(),
        (settled - quiet).as_secs_f64(),
    );
    reckon(&stage.cluster, &database, &facts, &history).await?;
    check_the_checker(&facts, &history)
}

/// Waits until so many commands are acknowledged.
async fn until_enough(work: &Work, wanted: u64) -> Result<()> {
    let (mut most, mut since) = (0, Instant::now());
    while most < wanted {
        let acknowledged = work.history.borrow().acknowledged;
        if acknowledged > most {
            (most, since) = (acknowledged, Instant::now());
        }
        ensure!(since.elapsed() < QUIET, "nothing is acknowledged any more, after {most} commands");
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// One fault after the other, spread over the commands; each has to be over before the next begins.
async fn disturb(options: &Options, stage: &mut Stage, work: &Work, probe: &mut Probe) -> Result<Felt> {
    let mut felt = Felt::default();
    ensure!(probe.watch(&Cell::new(true), false).await.is_some(), "nothing works even before anything goes wrong");
    let faults = menu::draw(options);
    let kills = faults.iter().filter(|fault| fault.kills()).count();
    println!("{} faults, {kills} of them kills", faults.len());
    for (nth, fault) in (0..).zip(&faults) {
        until_enough(work, options.commands * nth / faults.len() as u64).await?;
        let over = Cell::new(false);
        let suffering = async {
            let suffered = stage.suffer(fault).await;
            over.set(true);
            suffered
        };
        let (suffered, long) = tokio::join!(suffering, probe.watch(&over, fault.unfelt()));
        suffered.with_context(|| format!("while trying: {}", fault.name()))?;
        let long = long.with_context(|| format!("Docket does not recover: {}", fault.name()))?;
        let (acknowledged, done) = (work.history.borrow().acknowledged, nth + 1);
        println!("{done:>4} {acknowledged:>8} acknowledged {:>7.2} s  {fault:?}", long.as_secs_f64());
        felt.add(fault.name(), long);
    }
    Ok(felt)
}

/// Keeps what is signed by now, again and again until it is enough: what a reviewer was ever shown must not be taken back,
/// whatever went wrong meanwhile. It is no harm if that fails once.
async fn keep_checkpoints(data: PathBuf, history: Rc<RefCell<History>>, enough: Rc<Cell<bool>>) {
    while !enough.get() {
        let signed = async {
            let primary = State::read(&data)?.member(|member| member.role == "primary")?;
            Facts::signed(&facts::connect(&primary.url).await?).await
        };
        if let Ok(Ok(signed)) = timeout(TO_KEEP, signed).await {
            history.borrow_mut().witnessed.extend(signed);
        }
        sleep(KEPT).await;
    }
}

/// Checks every promise, and last what a rebuild comes to; an error says how many are broken.
pub async fn reckon(
    cluster: &Cluster,
    database: &tokio_postgres::Client,
    facts: &Facts,
    history: &History,
) -> Result<()> {
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
    let same = replay(cluster, database).await?;
    println!("{} {REBUILT}", if same { "ok    " } else { "BROKEN" });
    broken += usize::from(!same);
    ensure!(broken == 0, "{broken} promises are broken; see {}", cluster.data.display());
    Ok(())
}

/// Whether the read models are what building them anew from the log makes of it.
pub async fn replay(cluster: &Cluster, database: &tokio_postgres::Client) -> Result<bool> {
    let live = Facts::digest(database).await?;
    cluster.run(&["projections", "rebuild"]).await?;
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
    for falsified in &FALSIFIED {
        match falsified.caught(facts, history) {
            Some(true) => {}
            Some(false) => missed.push(format!("a Docket that {} is not noticed", falsified.does)),
            None => missed.push(format!("there was nothing to try on: a Docket that {}", falsified.does)),
        }
    }
    println!("ok     the checker notices {} of {} falsifications", FALSIFIED.len() - missed.len(), FALSIFIED.len());
    ensure!(missed.is_empty(), "{}", missed.join("\n"));
    Ok(())
}
