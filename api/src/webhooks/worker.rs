//! Going through the endpoints that there is something for. Each is sent its messages in their order, one at a time, by
//! whoever holds its cursor; how long one takes is nothing to the others.

use std::time::Duration;

use docket_projections::{Deliveries, Endpoint, Reads};
use rand::Rng;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::send::{Outgoing, Sender};

/// So many endpoints are sent to at a time.
const AT_ONCE: usize = 256;
/// For so long an endpoint is sent to before others have their turn.
const TURN: Duration = Duration::from_secs(20);
/// So many messages are read at a time.
const READ: usize = 50;
/// How often it is looked for what became due.
const LOOK: Duration = Duration::from_millis(250);
/// So much is gathered before it is looked again.
const GATHER: Duration = Duration::from_millis(20);

/// After how many seconds a message is tried again that was not taken; then every eight hours, for ever.
const SCHEDULE: [u64; 9] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800];
/// Each wait is longer or shorter by up to this part.
const JITTER: f64 = 0.2;

/// Sends what webhooks are to be sent. Cheap to clone.
#[derive(Clone)]
pub struct Worker {
    reads: Reads,
    deliveries: Deliveries,
    sender: Sender,
    holder: Uuid,
}

impl Worker {
    /// A worker over these cursors.
    pub fn new(reads: Reads, deliveries: Deliveries, sender: Sender) -> Self {
        Self { reads, deliveries, sender, holder: Uuid::new_v4() }
    }

    /// Sends until told to stop.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut turns = JoinSet::new();
        let mut stir = self.reads.stir();
        loop {
            while turns.try_join_next().is_some() {}
            if let Err(error) = self.begin(&mut turns).await {
                tracing::warn!(%error, "webhooks: will try again");
                metrics::counter!("docket_webhook_errors_total").increment(1);
                sleep(LOOK).await;
            }
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = async { stir.next().await; sleep(GATHER).await; } => {}
                () = sleep(LOOK) => {}
            }
        }
        // What is under way is given up: it is not known to be taken, so it is sent again.
        turns.shutdown().await;
    }

    /// Sends all there is to send just now; answers how many endpoints that were.
    pub async fn step(&self) -> Result<usize, docket_projections::Error> {
        let mut turns = JoinSet::new();
        self.begin(&mut turns).await?;
        let count = turns.len();
        while turns.join_next().await.is_some() {}
        Ok(count)
    }

    async fn begin(&self, turns: &mut JoinSet<()>) -> Result<(), docket_projections::Error> {
        self.deliveries.register().await?;
        let room = AT_ONCE.saturating_sub(turns.len());
        for endpoint in self.deliveries.claim(self.holder, room as i64).await? {
            let worker = self.clone();
            turns.spawn(async move {
                if let Err(error) = worker.turn(endpoint).await {
                    tracing::warn!(%error, "a webhook is left until its time has run out");
                }
            });
        }
        Ok(())
    }

    /// An endpoint's turn: until there is nothing more for it, or it does not take something.
    async fn turn(&self, mut endpoint: Endpoint) -> Result<(), docket_projections::Error> {
        let begun = Instant::now();
        while begun.elapsed() < TURN {
            let stretch = self.reads.told(endpoint.workspace, endpoint.position, READ).await?;
            // What has changed of a webhook counts for what happens afterwards.
            self.reads.webhooks_known(endpoint.workspace, stretch.through).await?;
            let Some(webhook) = self.deliveries.webhook(&endpoint).await?.filter(|webhook| !webhook.paused) else {
                return self.deliveries.lay_aside(&endpoint).await;
            };
            for message in stretch.events.iter().filter(|message| message.is_for_the_workspace()) {
                if !webhook.wants(&message.event_type) {
                    continue;
                }
                let outgoing = Outgoing { id: &message.id, body: &message.text };
                let attempt = self.sender.send(endpoint.webhook, &webhook, outgoing).await;
                self.deliveries.note(&endpoint, (&message.id, &message.event_type), &attempt).await?;
                let outcome = if attempt.error.is_none() { "taken" } else { "failed" };
                metrics::counter!("docket_webhook_attempts_total", "outcome" => outcome).increment(1);
                if attempt.error.is_some() {
                    return self.deliveries.put_off(&endpoint, wait_after(endpoint.attempt)).await;
                }
                if !self.deliveries.advance(&mut endpoint, message.position).await? {
                    // Somebody has it begin elsewhere.
                    return self.deliveries.release(&endpoint).await;
                }
                if begun.elapsed() >= TURN {
                    return self.deliveries.release(&endpoint).await;
                }
            }
            let is_done = stretch.through >= stretch.head;
            let moved =
                stretch.through <= endpoint.position || self.deliveries.advance(&mut endpoint, stretch.through).await?;
            if is_done || !moved {
                break;
            }
        }
        self.deliveries.release(&endpoint).await
    }
}

/// How long to wait after so many attempts before this one.
fn wait_after(attempts: i32) -> Duration {
    let last = SCHEDULE.len() - 1;
    let seconds = SCHEDULE[usize::try_from(attempts).unwrap_or(last).min(last)];
    Duration::from_secs(seconds).mul_f64(rand::rng().random_range(1.0 - JITTER..1.0 + JITTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_eight_hours_and_are_spread() {
        for (attempts, seconds) in [(0, 5.0), (1, 30.0), (8, 28_800.0), (1_000, 28_800.0)] {
            let wait = wait_after(attempts).as_secs_f64();
            assert!((seconds * 0.8..=seconds * 1.2).contains(&wait), "{attempts}: {wait}");
        }
        assert_ne!(wait_after(8), wait_after(8));
    }
}
