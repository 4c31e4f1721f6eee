//! How often to write a batch. A batch costs the same whether it has one event or thirty, so under load it is better to
//! wait a little; but who waits for an event to be seen must not wait long.

use std::time::Duration;

use tokio::time::Instant;

/// Between batches, as long as there is time.
const SHORT: Duration = Duration::from_millis(2);
/// Between batches under full load.
const LONG: Duration = Duration::from_millis(10);
/// Events a second up to which there is time, and from which on there is full load.
const BUSY: (f64, f64) = (2_500.0, 5_000.0);
/// Over how long the load is averaged.
const MEMORY: f64 = 0.1;

/// The pace of one partition.
pub(crate) struct Pace {
    last: Instant,
    rate: f64,
}

impl Pace {
    pub(crate) fn new(now: Instant) -> Self {
        Self { last: now, rate: 0.0 }
    }

    /// A batch of so many events is begun.
    pub(crate) fn batch(&mut self, now: Instant, events: usize) {
        let seconds = (now - self.last).as_secs_f64().max(1e-6);
        let weight = 1.0 - (-seconds / MEMORY).exp();
        self.rate += weight * (events as f64 / seconds - self.rate);
        self.last = now;
    }

    /// When the next one should be.
    pub(crate) fn next(&self) -> Instant {
        let load = ((self.rate - BUSY.0) / (BUSY.1 - BUSY.0)).clamp(0.0, 1.0);
        self.last + SHORT.mul_f64(1.0 - load) + LONG.mul_f64(load)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(batches: u32, every: Duration, events: usize) -> Duration {
        let begin = Instant::now();
        let mut pace = Pace::new(begin);
        for n in 1..=batches {
            pace.batch(begin + every * n, events);
        }
        pace.next() - (begin + every * batches)
    }

    #[test]
    fn the_more_there_is_to_do_the_longer_the_gaps() {
        assert_eq!(gap(1, Duration::from_secs(1), 1), SHORT);
        assert_eq!(gap(500, Duration::from_millis(2), 4), SHORT);
        assert_eq!(gap(500, Duration::from_millis(2), 20), LONG);
        let between = gap(500, Duration::from_millis(2), 8);
        assert!(SHORT < between && between < LONG, "{between:?}");
    }
}
