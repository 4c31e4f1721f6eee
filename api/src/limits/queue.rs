//! A queue that may stand: a burst is let in and waits its turn, what keeps coming is not.
//!
//! As in the management of queues in routers (RFC 8289): what tells overload from a burst is not how long a queue is, but
//! for how long it has been. So there is a length to which it may stand. One that is longer for a while is cut down to
//! that, until none had to be refused for as long.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Of a moment that has not been.
const NEVER: u64 = u64::MAX;

/// What is known of a queue from those who came to it.
#[derive(Debug)]
pub struct Queue {
    stands: usize,
    /// In microseconds: a burst is over by then.
    burst: u64,
    /// Since when all who came found it longer than it may stand.
    long_since: AtomicU64,
    /// Until when it is cut down.
    cut_until: AtomicU64,
}

impl Queue {
    /// A queue that may stand at this length, and be longer for so long.
    pub fn new(stands: usize, burst: Duration) -> Self {
        let burst = burst.as_micros() as u64;
        Self { stands, burst, long_since: AtomicU64::new(NEVER), cut_until: AtomicU64::new(0) }
    }

    /// Whether one more may join, who comes `now` (on a clock that only goes forward) and finds it so long.
    pub fn admits(&self, length: usize, now: Duration) -> bool {
        let now = now.as_micros() as u64;
        if length < self.stands {
            self.long_since.store(NEVER, Ordering::Relaxed);
            return true;
        }
        let since = self.long_since.fetch_min(now, Ordering::Relaxed).min(now);
        let is_cut = now < self.cut_until.load(Ordering::Relaxed) || now - since >= self.burst;
        if is_cut {
            self.cut_until.store(now + self.burst, Ordering::Relaxed);
        }
        !is_cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANDS: usize = 10;

    fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn queue() -> Queue {
        Queue::new(STANDS, millis(100))
    }

    #[test]
    fn a_burst_waits_its_turn() {
        let queue = queue();
        assert!((0..2_000).all(|length| queue.admits(length, millis(length as u64 / 20))));
        assert!(queue.admits(0, millis(100)), "it has ended");
        assert!((0..2_000).all(|length| queue.admits(length, millis(200))), "the next");
    }

    #[test]
    fn a_queue_that_stays_long_is_cut_down() {
        let queue = queue();
        assert!(queue.admits(STANDS, millis(0)));
        assert!(queue.admits(500, millis(99)));
        assert!(!queue.admits(500, millis(100)), "it was long for all the time");
        assert!(queue.admits(STANDS - 1, millis(110)), "there is room");
        assert!(!queue.admits(STANDS, millis(111)), "and no more than that");
        assert!(!queue.admits(STANDS, millis(210)), "as long as somebody has to be refused");
        assert!(queue.admits(STANDS - 1, millis(220)));
        assert!(queue.admits(STANDS, millis(311)), "nobody was for a while: a burst is one again");
    }

    #[test]
    fn without_patience_none_is_longer() {
        let queue = Queue::new(2, Duration::ZERO);
        assert!(queue.admits(1, millis(5)));
        assert!(!queue.admits(2, millis(5)));
        assert!(!Queue::new(0, Duration::ZERO).admits(0, millis(0)));
    }
}
