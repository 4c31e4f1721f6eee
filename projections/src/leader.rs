//! Leading one partition: whatever is heard or missed becomes batches, until told to stop.

use std::collections::VecDeque;
use std::time::Duration;

use docket_domain::Recorded;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::feed::{Feed, Heard};
use crate::heads::Head;
use crate::pace::Pace;
use crate::partition::{MOST, Partition, Source, Taken};

/// A batch of this size is not worth waiting any longer.
const ENOUGH: usize = 500;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The leader of one partition.
pub(crate) struct Leader {
    partition: Partition,
    feed: Feed,
    head: watch::Receiver<Head>,
    waiting: VecDeque<Heard>,
    pace: Pace,
}

impl Leader {
    pub(crate) fn new(partition: Partition, feed: Feed, head: watch::Receiver<Head>) -> Self {
        Self { partition, feed, head, waiting: VecDeque::new(), pace: Pace::new(Instant::now()) }
    }

    /// Leads until cancelled.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut pause = FIRST_PAUSE;
        loop {
            let turn = tokio::select! {
                turn = self.turn() => turn,
                () = stop.cancelled() => break,
            };
            match turn {
                Ok(()) => pause = FIRST_PAUSE,
                Err(error) => {
                    metrics::counter!("docket_projection_errors_total").increment(1);
                    tracing::warn!(%error, ?pause, "projecting failed");
                    tokio::select! {
                        () = sleep(pause) => {}
                        () = stop.cancelled() => break,
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
        if let Err(error) = self.partition.settle().await {
            tracing::debug!(%error, "the last batch was not written; it will be by whoever leads next");
        }
    }

    /// One batch, or waiting for one.
    async fn turn(&mut self) -> Result<(), Error> {
        let position = self.partition.position().await?;
        self.gather(position);
        let Some(first) = self.waiting.front().map(Heard::position) else { return self.idle(position).await };
        if first > position + 1 {
            return self.fill_hole(first - 1).await;
        }
        self.linger(position).await;
        let events = self.contiguous(position);
        if events.is_empty() {
            let last = self.waiting.iter().map(Heard::position).max().unwrap_or(first);
            return self.fill_hole(last).await;
        }
        self.pace.batch(Instant::now(), events.len());
        if self.partition.project(&events, Source::Message).await? == Taken::Events(0) {
            self.partition.follow(first).await?;
        }
        Ok(())
    }

    /// Nothing has been heard: waits, or reads what should have been heard.
    async fn idle(&mut self, position: i64) -> Result<(), Error> {
        if self.partition.settle().await? == Taken::Again {
            return Ok(());
        }
        let Head { now, before } = *self.head.borrow_and_update();
        let due = if self.feed.is_connected() { before } else { now };
        if due > position {
            metrics::counter!("docket_projection_followed_total").increment(1);
            self.partition.follow(due).await?;
            return Ok(());
        }
        tokio::select! {
            heard = self.feed.next() => self.waiting.push_back(heard),
            _ = self.head.changed() => {}
        }
        Ok(())
    }

    /// Reads from the log what was not heard. What the log does not have either is not so.
    async fn fill_hole(&mut self, to: i64) -> Result<(), Error> {
        metrics::counter!("docket_projection_holes_total").increment(1);
        if self.partition.follow(to).await? == Taken::Events(0) {
            self.waiting.pop_front();
        }
        Ok(())
    }

    /// Takes in what has been heard, and forgets what is known.
    fn gather(&mut self, position: i64) {
        while self.waiting.len() < MOST {
            match self.feed.try_next() {
                Some(heard) => self.waiting.push_back(heard),
                None => break,
            }
        }
        while self.waiting.front().is_some_and(|heard| heard.position() <= position) {
            self.waiting.pop_front();
        }
    }

    /// Waits for more, as long as that is worth it: while the last batch is being written anyway, and, under load, a
    /// little longer.
    async fn linger(&mut self, position: i64) {
        let until = self.pace.next();
        while self.waiting.len() < ENOUGH && (self.partition.is_writing() || Instant::now() < until) {
            tokio::select! {
                heard = self.feed.next() => self.waiting.push_back(heard),
                () = self.partition.written(), if self.partition.is_writing() => {}
                () = sleep_until(until), if Instant::now() < until => {}
            }
        }
        self.gather(position);
    }

    /// The events that follow on the position, one upon the other.
    fn contiguous(&mut self, position: i64) -> Vec<Recorded> {
        let mut events = Vec::new();
        while events.len() < MOST {
            let next = position + 1 + events.len() as i64;
            match self.waiting.front() {
                Some(heard) if heard.position() < next => {
                    self.waiting.pop_front();
                }
                Some(Heard::Event(event)) if event.position == next => {
                    if let Some(Heard::Event(event)) = self.waiting.pop_front() {
                        events.push(*event);
                    }
                }
                _ => break,
            }
        }
        events
    }
}
