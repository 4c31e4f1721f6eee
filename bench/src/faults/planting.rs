//! Docket with a bug in it, one after the other: whatever the checker looks at was really done by it. First without any,
//! so that what is found broken is broken by the bug.

use std::cell::RefCell;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::{Instant, sleep};

use crate::bugs::{BUGS, Bug, Place};
use crate::check::{self, PROMISES, REBUILT};
use crate::cluster::{Cluster, FIRST, free_ports};
use crate::facts::Facts;
use crate::history::History;
use crate::node::Node;
use crate::options::Options;
use crate::people::{People, Work};
use crate::run::replay;

const CLIENTS: u16 = 12;
/// So many acknowledged commands are enough, or so long a time.
const ENOUGH: u64 = 500;
const LONG: Duration = Duration::from_secs(20);
/// So many are acknowledged between a crash and the next.
const CALM: u64 = 70;
/// Clients give up sooner than they would: with some bugs there will never be an answer.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long it may take until all is quiet. With a bug it may never be.
const QUIET: Duration = Duration::from_mins(1);
const QUIET_WITH_A_BUG: Duration = Duration::from_secs(6);
/// What every one begins with.
const GROUND: &str = "planted";

/// Plants those bugs whose name has this in it; an error says which are not noticed.
pub async fn run(options: &Options, which: &str) -> Result<()> {
    let begun = Instant::now();
    let mut cluster = Cluster::start(options).await?;
    println!("data and logs: {}", cluster.data.display());
    let outcome = tokio::select! {
        outcome = all(options, which, &mut cluster) => outcome,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    println!("{} after {:.0} s", if outcome.is_ok() { "ok" } else { "FAILED" }, begun.elapsed().as_secs_f64());
    cluster.stop(options.keep || outcome.is_err()).await;
    outcome
}

async fn all(options: &Options, which: &str, cluster: &mut Cluster) -> Result<()> {
    let version = cluster.run(&["--version"]).await?;
    ensure!(version.contains("failpoints"), "{} has no failpoints: {version}", cluster.docket.display());
    let people = lay_the_ground(cluster).await?;
    let mut missed = Vec::new();
    let bugs: Vec<_> = BUGS.iter().filter(|bug| bug.name.contains(which)).collect();
    ensure!(!bugs.is_empty(), "there is no bug of that name");
    for (nth, bug) in std::iter::once(None).chain(bugs.into_iter().map(Some)).enumerate() {
        let begun = Instant::now();
        let broken = suffer(options, cluster, &people, (nth, bug)).await?;
        let Some(bug) = bug else {
            ensure!(broken.is_empty(), "there is no bug, but broken is: {}", broken.join("; "));
            println!("ok     without any, every promise is kept ({:.0} s)", begun.elapsed().as_secs_f64());
            continue;
        };
        let caught = broken.contains(&bug.breaks);
        println!(
            "{} {:<26} {} ({:.0} s; {} broken in all)",
            if caught { "ok    " } else { "MISSED" },
            bug.name,
            bug.breaks,
            begun.elapsed().as_secs_f64(),
            broken.len()
        );
        if !caught {
            missed.push(format!("{}: broken is only: {}", bug.name, broken.join("; ")));
        }
    }
    ensure!(missed.is_empty(), "not noticed:\n{}", missed.join("\n"));
    Ok(())
}

/// A database with everybody in it, made by a Docket without a bug, of which copies are made.
async fn lay_the_ground(cluster: &mut Cluster) -> Result<People> {
    administer(cluster, &format!("create database {GROUND} owner docket")).await?;
    GROUND.clone_into(&mut cluster.installation);
    cluster.run(&["migrate"]).await?;
    let ports = free_ports(2)?;
    let mut node = Node::new(cluster, GROUND, "api,projector", (ports[0], ports[1])).await?;
    node.start()?;
    node.reachable().await?;
    let people = People::gather(cluster, node.port, CLIENTS).await?;
    node.stop("TERM").await;
    Ok(people)
}

/// Lets clients write to a Docket with a bug; answers which promises are broken then.
async fn suffer(
    options: &Options,
    cluster: &mut Cluster,
    people: &People,
    (nth, bug): (usize, Option<&Bug>),
) -> Result<Vec<&'static str>> {
    let name = format!("{GROUND}{nth}");
    administer(cluster, &format!("create database {name} owner docket template {GROUND}")).await?;
    name.clone_into(&mut cluster.installation);
    let ports = free_ports(2)?;
    let mut node = Node::new(cluster, &name, "api,relay,projector", (ports[0], ports[1])).await?;
    match bug.map(|bug| (bug.name, bug.place)) {
        Some((name, Place::Program(every))) => node.plant(&format!("{name}/{every}")),
        Some((_, Place::Append(is, becomes))) => alter(&cluster.database().await?, is, becomes).await?,
        None => {}
    }
    node.start()?;
    node.reachable().await?;

    let work = Work::new(options, vec![node.port], PATIENCE);
    let listening = people.listen(cluster, &work.history).await?;
    load(cluster, people, &work, bug).await?;
    let broken = look(cluster, &work.history, bug).await?;
    listening.iter().for_each(tokio::task::JoinHandle::abort);
    node.stop("KILL").await;
    administer(cluster, &format!("drop database {name} with (force)")).await?;
    Ok(broken)
}

/// Does something with the databases, from the one that is always there.
async fn administer(cluster: &mut Cluster, what: &str) -> Result<()> {
    FIRST.clone_into(&mut cluster.installation);
    Ok(cluster.database().await?.batch_execute(what).await?)
}

/// Changes the function that appends in one place.
async fn alter(database: &tokio_postgres::Client, is: &str, becomes: &str) -> Result<()> {
    let source = "select pg_get_functiondef('log.append'::regproc)";
    let source: String = database.query_one(source, &[]).await?.get(0);
    ensure!(source.matches(is).count() == 1, "log.append does not have this once: {is}");
    Ok(database.batch_execute(&source.replace(is, becomes)).await?)
}

/// Lets clients write until it is enough.
async fn load(cluster: &Cluster, people: &People, work: &Work, bug: Option<&Bug>) -> Result<()> {
    let (begun, working, mut crash) = (Instant::now(), people.work(work), CALM);
    let acknowledged = || work.history.borrow().acknowledged;
    while acknowledged() < ENOUGH && begun.elapsed() < LONG {
        if bug.is_some_and(|bug| bug.crash) && acknowledged() > crash {
            cluster.crash_postgres()?;
            crash += CALM;
        }
        sleep(Duration::from_millis(20)).await;
    }
    work.enough.set(true);
    for worker in working {
        worker.await?;
    }
    Ok(())
}

/// Waits until all is quiet, and looks which promises are broken.
async fn look(cluster: &Cluster, history: &RefCell<History>, bug: Option<&Bug>) -> Result<Vec<&'static str>> {
    let (begun, quiet) = (Instant::now(), if bug.is_some() { QUIET_WITH_A_BUG } else { QUIET });
    let database = cluster.database().await.context("the database is gone")?;
    Facts::settle(&database, quiet).await?;
    let facts = Facts::load(cluster, &database).await?;
    while check::unheard(&facts, &history.borrow()) && begun.elapsed() < quiet {
        sleep(Duration::from_millis(50)).await;
    }
    let history = history.borrow().clone();
    let mut broken = Vec::new();
    for promise in &PROMISES {
        let breaches = promise.breaches(&facts, &history);
        if let (Some(breach), None) = (breaches.first(), bug) {
            println!("BROKEN {}: {breach}", promise.says);
        }
        broken.extend((!breaches.is_empty()).then_some(promise.says));
    }
    if bug.is_none_or(|bug| bug.breaks == REBUILT) && !replay(cluster, &database).await? {
        broken.push(REBUILT);
    }
    Ok(broken)
}
