//! Offering requests at a rate, whatever becomes of them.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures::future::try_join_all;

use super::{Connection, Outcome, Request, Script, Target, Ticks};
use crate::machine::CpuUse;

/// What came of it.
#[derive(Default)]
pub struct Offered {
    /// How many were sent.
    pub sent: u64,
    /// Answered with 2xx.
    pub taken: Outcome,
    /// Answered with 429 or 503.
    pub refused: Outcome,
    /// How many of these did not say when to ask again.
    pub without_when: u64,
}

impl Offered {
    fn join(&mut self, other: &Self) {
        self.sent += other.sent;
        self.taken.join(&other.taken);
        self.refused.join(&other.refused);
        self.without_when += other.without_when;
    }

    /// Requests a second.
    pub fn rate(&self) -> f64 {
        self.sent as f64 / self.taken.elapsed.as_secs_f64().max(1e-9)
    }

    /// Adds another turn of the same.
    pub fn append(&mut self, other: &Self) {
        let elapsed = self.taken.elapsed + other.taken.elapsed;
        self.join(other);
        self.taken.elapsed = elapsed;
        self.taken.cpu.add(&other.taken.cpu);
    }
}

/// Offers so many requests a second, over one connection per script, each of which waits for its answers. The first
/// third is not measured. Latencies count from when a request is sent: how late that was is the generator's doing, and
/// shows in the rate.
pub async fn open<S: Script>(target: &Target, scripts: &mut [S], rate: u32, lasting: Duration) -> Result<Offered> {
    let mut connections = Vec::with_capacity(scripts.len());
    for _ in 0..scripts.len() {
        connections.push(Connection::open(&target.address).await?);
    }
    let warm_up = lasting / 2;
    let from = Instant::now() + warm_up;
    let ticks = Ticks::new(rate, warm_up + lasting);
    let workers =
        connections.into_iter().zip(scripts).map(|(connection, script)| one(target, connection, script, &ticks, from));
    let cpu = async {
        tokio::time::sleep_until(from.into()).await;
        let before = CpuUse::now();
        tokio::time::sleep(lasting).await;
        anyhow::Ok(CpuUse::now().since(&before))
    };
    let (all, cpu) = futures::try_join!(try_join_all(workers), cpu)?;
    let mut total = Offered { taken: Outcome::over(from.elapsed(), cpu), ..Offered::default() };
    for one in &all {
        total.join(one);
    }
    Ok(total)
}

async fn one<S: Script>(
    target: &Target,
    mut connection: Connection,
    script: &mut S,
    ticks: &Ticks,
    from: Instant,
) -> Result<Offered> {
    let (mut offered, mut request) = (Offered::default(), Request::new(target));
    while ticks.next().await.is_some() {
        script.write_next(&mut request);
        let sent = Instant::now();
        let answer = connection.send(request.bytes()).await?;
        let took = sent.elapsed();
        script.see(answer.status, answer.body);
        if sent < from {
            continue;
        }
        offered.sent += 1;
        match answer.status {
            200..300 => offered.taken.record(took),
            429 | 503 => {
                offered.refused.record(took);
                offered.without_when += u64::from(!answer.says_when);
            }
            other => offered.taken.record_bad(other, answer.body),
        }
    }
    Ok(offered)
}
