//! Closed loop: each connection sends its next request when the answer to the last one is there.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures::future::try_join_all;

use super::{Connection, Outcome, Request, Script, Target};
use crate::machine::CpuUse;

/// How long to load.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Not measured.
    pub warm_up: Duration,
    /// Measured.
    pub measured: Duration,
}

impl Span {
    /// So many seconds, after a warm-up in proportion.
    pub fn seconds(seconds: f64) -> Self {
        Self { warm_up: Duration::from_secs_f64((seconds / 5.0).min(0.5)), measured: Duration::from_secs_f64(seconds) }
    }
}

/// Runs one connection per script, all on the calling thread.
pub async fn closed<S: Script>(target: &Target, scripts: &mut [S], span: Span) -> Result<Outcome> {
    let mut connections = Vec::with_capacity(scripts.len());
    for _ in 0..scripts.len() {
        connections.push(Connection::open(&target.address).await?);
    }
    measured(
        span,
        connections
            .into_iter()
            .zip(scripts)
            .map(|(connection, script)| move |from, until| one(target, connection, script, from, until)),
    )
    .await
}

/// Runs workers side by side on the calling thread, each told from when until when to measure.
pub async fn measured<F: Future<Output = Result<Outcome>>>(
    span: Span,
    workers: impl Iterator<Item = impl FnOnce(Instant, Instant) -> F>,
) -> Result<Outcome> {
    let from = Instant::now() + span.warm_up;
    let until = from + span.measured;
    let cpu = async {
        tokio::time::sleep_until(from.into()).await;
        let before = CpuUse::now();
        tokio::time::sleep_until(until.into()).await;
        anyhow::Ok(CpuUse::now().since(&before))
    };
    let (outcomes, cpu) = futures::try_join!(try_join_all(workers.map(|worker| worker(from, until))), cpu)?;
    let mut total = Outcome::over(span.measured, cpu);
    for outcome in &outcomes {
        total.join(outcome);
    }
    Ok(total)
}

async fn one<S: Script>(
    target: &Target,
    mut connection: Connection,
    script: &mut S,
    from: Instant,
    until: Instant,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut request = Request::new(target);
    let mut sent = Instant::now();
    while sent < until {
        script.write_next(&mut request);
        let answer = connection.send(request.bytes()).await?;
        let now = Instant::now();
        script.see(answer.status, answer.body);
        if !(200..300).contains(&answer.status) {
            outcome.record_bad(answer.status, answer.body);
        } else if now >= from && now < until {
            outcome.record(now - sent);
        }
        sent = now;
    }
    Ok(outcome)
}
