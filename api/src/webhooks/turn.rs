//! An endpoint's turn: until there is nothing more for it, or it does not take something, or others are to have theirs.
//!
//! Several messages are on their way at a time, but of each resource only one: what happened to it is sent in order. The
//! first is sent by itself, and each that is taken makes room for one more, so one who is not there, or has too much to do,
//! is not sent a heap of them. When one is not taken, nothing more is sent until it is tried again.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use docket_domain::message::Message;
use docket_domain::webhook::Fields;
use docket_projections::{Endpoint, Error, Tried};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use rand::Rng;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::send::Outgoing;
use super::worker::Worker;

/// For so long an endpoint is sent to before others have their turn.
const LASTS: Duration = Duration::from_secs(20);
/// So many messages are on their way at most.
pub const AT_ONCE: usize = 32;
/// So many are read at a time, and again when fewer than half of them wait.
const READ: usize = 100;
/// So many that were taken before an earlier one are remembered; then nothing more is read.
const AHEAD: usize = 1_000;
/// How often it is looked for more while something is under way.
const LOOK: Duration = Duration::from_millis(250);
/// So much later than it is known it is written down what was taken: that much is sent again after a crash.
const SAVE: Duration = Duration::from_millis(100);
/// How often the hold is renewed while nothing is answered.
const HOLD: Duration = Duration::from_secs(5);

/// After how many seconds a message is tried again that was not taken; then every eight hours, for ever.
const SCHEDULE: [u64; 9] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800];
/// Each wait is longer or shorter by up to this part.
const JITTER: f64 = 0.2;

type Flight = Pin<Box<dyn Future<Output = Tried> + Send>>;

/// Why nothing more is sent in this turn.
#[derive(Clone, Copy, Debug)]
enum Halt {
    /// Something was not taken.
    Failed,
    /// Nothing is wanted just now.
    Paused,
    /// It lasted long enough, or Docket stops.
    Over,
}

/// A turn.
pub(super) struct Turn {
    worker: Worker,
    endpoint: Endpoint,
    webhook: Option<Arc<Fields>>,
    /// Up to where it was read, and where the log ended then.
    read: i64,
    head: i64,
    read_at: Instant,
    waiting: VecDeque<Arc<Message>>,
    flights: FuturesUnordered<Flight>,
    /// The resources of what is on its way.
    busy: HashSet<Uuid>,
    /// Where everything is that was read and not taken yet.
    open: BTreeSet<i64>,
    /// What is not written down yet.
    tried: Vec<Tried>,
    saved: (i64, Instant),
    room: usize,
    halt: Option<Halt>,
    begun: Instant,
}

impl Turn {
    pub(super) fn new(worker: Worker, endpoint: Endpoint) -> Self {
        let (now, position) = (Instant::now(), endpoint.position);
        Self {
            worker,
            endpoint,
            webhook: None,
            read: position,
            head: i64::MAX,
            read_at: now,
            waiting: VecDeque::new(),
            flights: FuturesUnordered::new(),
            busy: HashSet::new(),
            open: BTreeSet::new(),
            tried: Vec::new(),
            saved: (position, now),
            room: 1,
            halt: None,
            begun: now,
        }
    }

    /// Sends, and lets go of the endpoint in the end.
    pub(super) async fn run(mut self, shutdown: &CancellationToken) -> Result<(), Error> {
        loop {
            if self.begun.elapsed() >= LASTS {
                self.halt.get_or_insert(Halt::Over);
            }
            if self.halt.is_none() {
                self.read().await?;
                self.launch();
            }
            if self.flights.is_empty() && (self.halt.is_some() || self.is_through()) {
                break;
            }
            let (due, wake) = (self.save_due(), self.wake());
            tokio::select! {
                Some(tried) = self.flights.next(), if !self.flights.is_empty() => self.land(tried),
                () = sleep_until(wake) => {}
                () = shutdown.cancelled() => break,
            }
            if due <= Instant::now() && !self.save().await? {
                return Ok(());
            }
        }
        self.finish().await
    }

    fn is_through(&self) -> bool {
        self.waiting.is_empty() && self.read >= self.head
    }

    /// Whether there is room for more to be read.
    fn may_read(&self) -> bool {
        self.halt.is_none() && self.waiting.len() <= READ / 2 && self.endpoint.ahead.len() < AHEAD
    }

    /// When there is something to do, if nothing lands before.
    fn wake(&self) -> Instant {
        if !self.may_read() {
            self.save_due()
        } else if self.read < self.head {
            Instant::now()
        } else {
            self.save_due().min(self.read_at + LOOK)
        }
    }

    /// Reads more, if it is time to.
    async fn read(&mut self) -> Result<(), Error> {
        let is_time = self.read < self.head || self.read_at.elapsed() >= LOOK;
        if !is_time || !self.may_read() {
            return Ok(());
        }
        let Worker { reads, deliveries, .. } = &self.worker;
        let workspace = self.endpoint.workspace;
        let stretch = reads.told(workspace, self.read, READ).await?;
        // What has changed of a webhook counts for what happens afterwards.
        reads.webhooks_known(workspace, stretch.through).await?;
        let webhook = deliveries.webhook(&self.endpoint).await?.filter(|webhook| !webhook.paused);
        self.read_at = Instant::now();
        let Some(webhook) = webhook else {
            self.halt = Some(Halt::Paused);
            return Ok(());
        };
        for message in stretch.events {
            let is_wanted = message.is_for_the_workspace() && webhook.wants(&message.event_type);
            if is_wanted && !self.endpoint.ahead.contains(&message.position) {
                self.open.insert(message.position);
                self.waiting.push_back(message);
            }
        }
        (self.read, self.head) = (stretch.through.max(self.read), stretch.head);
        self.webhook = Some(Arc::new(webhook));
        self.advance();
        Ok(())
    }

    /// Sends what may be sent: as much as there is room for, in order, and nothing of a resource that has something on its
    /// way.
    fn launch(&mut self) {
        let Some(webhook) = &self.webhook else { return };
        while self.flights.len() < self.room {
            let Some(next) = self.waiting.iter().position(|message| !self.busy.contains(&message.resource)) else {
                break;
            };
            let Some(message) = self.waiting.remove(next) else { break };
            self.busy.insert(message.resource);
            let is_next = self.open.first() == Some(&message.position);
            let nth = if is_next { self.endpoint.attempt + 1 } else { 1 };
            let (sender, webhook, id) = (self.worker.sender.clone(), webhook.clone(), self.endpoint.webhook);
            self.flights.push(Box::pin(async move {
                let outgoing = Outgoing { id: &message.id, body: &message.text };
                let attempt = sender.send(id, &webhook, outgoing).await;
                Tried { message, nth, at: Utc::now(), attempt }
            }));
        }
    }

    /// Takes in what came of an attempt.
    fn land(&mut self, tried: Tried) {
        let (position, is_taken) = (tried.message.position, tried.attempt.error.is_none());
        let outcome = if is_taken { "taken" } else { "failed" };
        metrics::counter!("docket_webhook_attempts_total", "outcome" => outcome).increment(1);
        self.busy.remove(&tried.message.resource);
        self.tried.push(tried);
        if is_taken {
            self.room = (self.room + 1).min(AT_ONCE);
            self.open.remove(&position);
            self.endpoint.ahead.insert(position);
            self.advance();
        } else {
            self.halt = Some(Halt::Failed);
        }
    }

    /// Everything before the first that is open was taken, or is not wanted.
    fn advance(&mut self) {
        let through = self.open.first().map_or(self.read, |first| first - 1);
        if through > self.endpoint.position {
            (self.endpoint.position, self.endpoint.attempt) = (through, 0);
            self.endpoint.ahead = self.endpoint.ahead.split_off(&(through + 1));
        }
    }

    fn save_due(&self) -> Instant {
        let (position, at) = self.saved;
        let is_news = !self.tried.is_empty() || position < self.endpoint.position;
        at + if is_news { SAVE } else { HOLD }
    }

    /// Writes down how far it is. False, if it goes on without us.
    async fn save(&mut self) -> Result<bool, Error> {
        let tried = std::mem::take(&mut self.tried);
        self.saved = (self.endpoint.position, Instant::now());
        self.worker.deliveries.save(&self.endpoint, &tried).await
    }

    async fn finish(mut self) -> Result<(), Error> {
        if !self.save().await? {
            return Ok(());
        }
        let (deliveries, endpoint) = (&self.worker.deliveries, &self.endpoint);
        match self.halt {
            Some(Halt::Failed) => deliveries.put_off(endpoint, wait_after(endpoint.attempt)).await,
            Some(Halt::Paused) => deliveries.lay_aside(endpoint).await,
            Some(Halt::Over) | None => deliveries.release(endpoint).await,
        }
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
