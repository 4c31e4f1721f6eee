//! Offering requests at a rate, whatever becomes of them.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::future::try_join_all;

use super::{Answer, Connection, Outcome, Request, Script, Target, Ticks};
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
    fn note(&mut self, answer: &Answer<'_>, took: Duration) {
        self.sent += 1;
        match answer.status {
            200..300 => self.taken.record(took),
            429 | 503 => {
                self.refused.record(took);
                self.without_when += u64::from(!answer.says_when);
            }
            other => self.taken.record_bad(other, answer.body),
        }
    }

    /// Requests a second.
    pub fn rate(&self) -> f64 {
        self.sent as f64 / self.taken.elapsed.as_secs_f64().max(1e-9)
    }

    /// Adds another turn of the same.
    pub fn append(&mut self, other: &Self) {
        self.sent += other.sent;
        self.taken.append(&other.taken);
        self.refused.append(&other.refused);
        self.without_when += other.without_when;
    }
}

/// Offers so many requests a second, over one connection per script, each of which waits for its answers. The first
/// third is not measured. Latencies count from when a request is sent: how late that was is the generator's doing, and
/// shows in the rate. What is refused is sent again as it is.
pub async fn open<S: Script>(target: &Target, scripts: &mut [S], rate: u32, lasting: Duration) -> Result<Offered> {
    let mut connections = Vec::with_capacity(scripts.len());
    for _ in 0..scripts.len() {
        connections.push(Connection::open(&target.address).await?);
    }
    let warm_up = lasting / 2;
    let from = Instant::now() + warm_up;
    let ticks = Ticks::new(rate, warm_up + lasting);
    let offered = RefCell::default();
    let workers = connections
        .into_iter()
        .zip(scripts)
        .map(|(connection, script)| one(target, connection, script, &ticks, from, &offered));
    let cpu = async {
        tokio::time::sleep_until(from.into()).await;
        let before = CpuUse::now();
        tokio::time::sleep(lasting).await;
        anyhow::Ok(CpuUse::now().since(&before))
    };
    let (_, cpu) = futures::try_join!(try_join_all(workers), cpu)?;
    let mut offered: Offered = offered.into_inner();
    (offered.taken.elapsed, offered.taken.cpu) = (from.elapsed(), cpu);
    Ok(offered)
}

async fn one<S: Script>(
    target: &Target,
    mut connection: Connection,
    script: &mut S,
    ticks: &Ticks,
    from: Instant,
    offered: &RefCell<Offered>,
) -> Result<()> {
    let (mut request, mut is_refused) = (Request::new(target), false);
    while ticks.next().await.is_some() {
        if !is_refused {
            script.write_next(&mut request);
        }
        let sent = Instant::now();
        let answer = connection.send(request.bytes()).await?;
        let took = sent.elapsed();
        script.see(answer.status, answer.body);
        is_refused = matches!(answer.status, 429 | 503);
        if sent >= from {
            offered.borrow_mut().note(&answer, took);
        }
    }
    Ok(())
}
