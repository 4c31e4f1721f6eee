//! More than the server can do: what it answers all the same, how soon, what it says to the rest, and what it needs for
//! that; beside what the machine would leave of any server.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::limits::Bare;
use crate::load::{Offered, Outcome, Script, closed, open};
use crate::machine;
use crate::report::Figure;
use crate::scripts::{Creates, Gets};
use crate::stage::Stage;

/// Connections at which a server does all it can: it lets in as many writes.
const FULL: usize = 128;
/// Connections of the crowd: more than are let in, so that those who are refused can ask again at once.
const CROWD: usize = 512;
/// What a server is offered while it has nothing to do, as a part of what it can.
const UNLOADED: f64 = 0.05;
/// The most memory it may need, MiB.
const MEMORY: f64 = 512.0;

/// Measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let lists: Arc<[String]> =
        stage.supplies.projects.iter().map(|project| format!("/v1/tasks?project_id={project}&limit=50")).collect();
    let mut nth = 0;
    crowd(stage, "list 50", || {
        nth += 1;
        Gets::many(&lists, nth)
    })
    .await?;
    let supplies = stage.supplies.clone();
    let creates = crowd(stage, "create", || Creates::new(&supplies)).await?;
    stage.acknowledged.extend(creates.into_iter().flat_map(|script| script.created));
    stage.progress.settled().await?;
    if let Some((_, most)) = stage.docket.process().and_then(machine::memory) {
        stage.report.add(Figure::new("overload: most memory the server needed", most, "MB").at_most(MEMORY));
    }
    Ok(())
}

/// So many times what a server can, offered to it, and what this machine leaves of it at best.
struct Pressed {
    times: u32,
    offered: Offered,
    /// What it does when it is offered what it can, and a server that only refuses has the rest.
    beside: Offered,
    /// What that says.
    bare: Offered,
}

/// One kind of request, as much as can be done and more; answers everybody who asked.
async fn crowd<S: Script>(stage: &mut Stage, name: &str, mut script: impl FnMut() -> S) -> Result<Vec<S>> {
    let mut scripts: Vec<S> = std::iter::repeat_with(&mut script).take(CROWD).collect();
    let (target, bare) = (stage.docket.target.clone(), Bare::start(&stage.program).await?);
    let lasting = Duration::from_secs_f64(stage.options.seconds());
    let (mut peak, mut calm) = (Outcome::default(), Offered::default());
    let none = Offered::default;
    let mut pressed = [2, 10].map(|times| Pressed { times, offered: none(), beside: none(), bare: none() });
    for _ in 0..stage.options.rounds() {
        peak.append(&closed(&target, &mut scripts[..FULL], stage.span()).await?);
        let rate = |part: f64| (peak.rate() * part).max(1.0) as u32;
        stage.progress.settled().await?;
        calm.append(&open(&target, &mut scripts[..FULL], rate(UNLOADED), lasting).await?);
        for Pressed { times, offered, beside, bare: refusing } in &mut pressed {
            let times = f64::from(*times);
            stage.progress.settled().await?;
            offered.append(&open(&target, &mut scripts, rate(times), lasting).await?);
            stage.progress.settled().await?;
            let (few, many) = scripts.split_at_mut(FULL);
            let (taken, refused) = futures::try_join!(
                open(&target, few, rate(1.0), lasting),
                open(&bare.target, many, rate(times - 1.0), lasting)
            )?;
            beside.append(&taken);
            refusing.append(&refused);
        }
    }
    stage.report.add(Figure::rate(format!("{name}: as much as it can, {FULL} connections"), &peak));
    stage.report.add(Figure::rate(format!("{name}: unloaded"), &calm.taken));
    for pressed in &pressed {
        report(stage, &format!("{name}, {}× that", pressed.times), &peak, &calm, pressed);
    }
    Ok(scripts)
}

fn report(stage: &mut Stage, name: &str, peak: &Outcome, calm: &Offered, pressed: &Pressed) {
    let Pressed { offered, beside, bare, .. } = pressed;
    let (taken, refused) = (&offered.taken, &offered.refused);
    let mut add = |figure| stage.report.add(figure);
    let rate = || Figure::new(format!("{name}: answered with 2xx"), taken.rate(), "/s");
    let note = format!("{:.0}/s were offered, {}", offered.rate(), taken.describe());
    add(rate().against("peak", peak.rate()).at_least(0.8).noting(note));
    let note = format!("{:.0}/s were offered, {}", beside.rate() + bare.rate(), beside.taken.describe());
    add(rate().against("left by a bare server", beside.taken.rate()).at_least(0.8).noting(note));
    let p99 = || Figure::new(format!("{name}: p99 of these"), taken.millis(0.99), "ms");
    add(p99().against("unloaded", calm.taken.millis(0.99)).at_most(3.0));
    add(p99().against("beside a bare server", beside.taken.millis(0.99)));
    let p99 = || Figure::new(format!("{name}: p99 of 429 and 503"), refused.millis(0.99), "ms");
    add(p99().at_most(10.0).noting(format!("{} refused, p50 {:.2} ms", refused.count, refused.millis(0.5))));
    let note = format!("{} refused, p50 {:.2} ms", bare.refused.count, bare.refused.millis(0.5));
    add(p99().against("a bare server's", bare.refused.millis(0.99)).noting(note));
    let else_ = taken.bad_count() + offered.without_when;
    add(Figure::new(format!("{name}: other answers, or without Retry-After"), else_ as f64, "").at_most(0.0));
}
