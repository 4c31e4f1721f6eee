//! From the 2xx to the list: how long until somebody else's list shows a new task, at a steady rate of writes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::future::try_join_all;
use uuid::Uuid;

use crate::load::{Connection, Outcome, Request, Script, Ticks};
use crate::report::Figure;
use crate::scripts::{Creates, Supplies};
use crate::stage::Stage;

const RATES: [u32; 2] = [500, 2_000];
const CONNECTIONS: usize = 32;
/// So many writes a second are looked for; the others only make the load.
const LOOKS_PER_SECOND: u32 = 100;
const TARGET_MILLIS: f64 = 5.0;
const PATIENCE: Duration = Duration::from_secs(5);

/// What one connection saw, or all together.
pub struct Seen {
    /// From the answer until the list showed it.
    pub visible: Outcome,
    /// How late the writes went out.
    late: Outcome,
    /// What was created, and when that was answered.
    pub answered: Vec<(Uuid, Instant)>,
}

/// Measures and reports at both rates.
pub async fn run(stage: &mut Stage) -> Result<()> {
    for rate in RATES {
        let seen = at(stage, rate, Duration::from_secs_f64(stage.options.seconds().max(2.0) * 1.5)).await?;
        let (visible, late) = (&seen.visible, &seen.late);
        let note = format!(
            "p50 {:.2} ms, of {} writes looked for; writes went out {:.2} ms late at p50, {:.2} ms at p99",
            visible.millis(0.5),
            visible.count,
            late.millis(0.5),
            late.millis(0.99)
        );
        let name = format!("2xx to another key's list at {rate}/s: p99");
        stage.report.add(Figure::new(name, visible.millis(0.99), "ms").at_most(TARGET_MILLIS).noting(note));
        let bad = Figure::new(
            format!("2xx to another key's list at {rate}/s: not seen or not 2xx"),
            visible.bad_count() as f64,
            "",
        );
        stage.report.add(bad.at_most(0.0).noting(visible.complaint.clone().unwrap_or_default()));
        stage.acknowledged.extend(seen.answered.iter().map(|(id, _)| *id));
        stage.progress.caught_up().await?;
    }
    Ok(())
}

/// Writes at this rate, and looks for some of what was written.
pub async fn at(stage: &Stage, rate: u32, lasting: Duration) -> Result<Seen> {
    // One project, so that its list's first task is the newest of all.
    let project = stage.supplies.projects[0];
    let supplies = stage.supplies.in_projects(&[project]);
    let ticks = Ticks::new(rate, lasting);
    let workers = (0..CONNECTIONS).map(|_| work(stage, &supplies, &ticks, rate / LOOKS_PER_SECOND));
    let mut total = Seen { visible: Outcome::default(), late: Outcome::default(), answered: Vec::new() };
    for seen in try_join_all(workers).await? {
        total.visible.join(&seen.visible);
        total.late.join(&seen.late);
        total.answered.extend(seen.answered);
    }
    Ok(total)
}

/// Writes whenever it is free and a write is due; now and then, looks for what it wrote before it is free again.
async fn work(stage: &Stage, supplies: &Supplies, ticks: &Ticks, every: u32) -> Result<Seen> {
    let mut writes = Connection::open(&stage.docket.target.address).await?;
    let mut reads = Connection::open(&stage.onlooker.address).await?;
    let mut write = Request::new(&stage.docket.target);
    let mut look = Request::new(&stage.onlooker);
    look.get(format_args!("/v1/tasks?project_id={}&limit=1", supplies.projects[0]));
    let mut script = Creates::new(supplies);
    let (mut visible, mut late, mut answered_at) = (Outcome::default(), Outcome::default(), Vec::new());
    while let Some((nth, lateness)) = ticks.next().await {
        late.record(lateness);
        script.write_next(&mut write);
        let answer = writes.send(write.bytes()).await?;
        let answered = Instant::now();
        script.see(answer.status, answer.body);
        answered_at.extend(script.created.drain(..).map(|id| (id, answered)));
        if answer.status != 201 {
            visible.record_bad(answer.status, answer.body);
        } else if nth % every == 0 {
            let number = number_of(answer.body).context("a new task has no number")?;
            match until_listed(&mut reads, &look, number, answered).await? {
                Some(took) => visible.record(took),
                None => visible.record_bad(0, b"never seen"),
            }
        }
    }
    Ok(Seen { visible, late, answered: answered_at })
}

/// Asks for the list, again and again, until its first task is this one or a newer one.
async fn until_listed(reads: &mut Connection, look: &Request, number: i64, since: Instant) -> Result<Option<Duration>> {
    while since.elapsed() < PATIENCE {
        let answer = reads.send(look.bytes()).await?;
        if number_of(answer.body).is_some_and(|newest| newest >= number) {
            return Ok(Some(since.elapsed()));
        }
    }
    Ok(None)
}

/// The first `"number":…` of an answer.
fn number_of(body: &[u8]) -> Option<i64> {
    let start = body.windows(9).position(|window| window == br#""number":"#)? + 9;
    let digits = body[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&body[start..start + digits]).ok()?.parse().ok()
}
