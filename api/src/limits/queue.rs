//! A queue that may stand: a burst is let in and waits its turn, what keeps coming is not.
//!
//! As in the management of queues in routers (RFC 8289): what tells overload from a burst is not how long a queue is, but
//! for how long it has been. One that is too long for a while is cut down, until none had to be refused for as long: to as
//! many as get done within the time that anybody is to be in it. What gets done is what was let in, while it is cut.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Of a moment that has not been.
const NEVER: u64 = u64::MAX;

/// In microseconds.
const SECOND: u64 = 1_000_000;

/// Over how long it is counted what gets done, in microseconds.
const WINDOW: u64 = 100_000;

/// What is known of a queue from those who came to it.
#[derive(Debug)]
pub struct Queue {
    stands: u64,
    cut_to: u64,
    /// In microseconds: a burst is over by then.
    burst: u64,
    /// Since when all who came found it longer than it may stand.
    long_since: AtomicU64,
    /// Until when it is cut down.
    cut_until: AtomicU64,
    /// Since when it is counted who is let in, and how many that were.
    counted_since: AtomicU64,
    let_in: AtomicU64,
    /// How many get done in a second, as counted last.
    done: AtomicU64,
}

impl Queue {
    /// A queue that may stand at this length, be longer for so long, and then is cut down at least to this.
    pub fn new(stands: usize, cut_to: usize, burst: Duration) -> Self {
        Self {
            stands: stands as u64,
            cut_to: cut_to as u64,
            burst: burst.as_micros() as u64,
            long_since: AtomicU64::new(NEVER),
            cut_until: AtomicU64::new(0),
            counted_since: AtomicU64::new(0),
            let_in: AtomicU64::new(0),
            done: AtomicU64::new(0),
        }
    }

    /// Whether one more may join, who comes `now` (on a clock that only goes forward) and finds it so long. Where it is cut
    /// down, to as many as get done this `soon`.
    pub fn admits(&self, length: usize, soon: Duration, now: Duration) -> bool {
        let now = now.as_micros() as u64;
        self.count(now);
        let is_let_in = self.has_room(length as u64, soon.as_micros() as u64, now);
        self.let_in.fetch_add(u64::from(is_let_in), Ordering::Relaxed);
        is_let_in
    }

    fn has_room(&self, length: u64, soon: u64, now: u64) -> bool {
        let is_cut = now < self.cut_until.load(Ordering::Relaxed);
        let room = if is_cut { self.cut_length(soon) } else { self.stands };
        if length < room {
            self.long_since.store(NEVER, Ordering::Relaxed);
            return true;
        }
        let since = self.long_since.fetch_min(now, Ordering::Relaxed).min(now);
        let is_refused = is_cut || now - since >= self.burst;
        if is_refused {
            self.cut_until.store(now + self.burst, Ordering::Relaxed);
        }
        !is_refused
    }

    /// How long it may be while it is cut down.
    fn cut_length(&self, soon: u64) -> u64 {
        let soon_done = self.done.load(Ordering::Relaxed) * soon / SECOND;
        soon_done.max(self.cut_to).min(self.stands)
    }

    /// Counts anew once a window is over.
    fn count(&self, now: u64) {
        let since = self.counted_since.load(Ordering::Relaxed);
        let span = now.saturating_sub(since);
        if span < WINDOW {
            return;
        }
        // Of those who come at the same time, one.
        if self.counted_since.compare_exchange(since, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.done.store(self.let_in.swap(0, Ordering::Relaxed) * SECOND / span, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANDS: usize = 50;
    const CUT_TO: usize = 10;
    const SOON: Duration = Duration::from_millis(4);

    fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn queue() -> Queue {
        Queue::new(STANDS, CUT_TO, millis(100))
    }

    /// One that has just been cut down, at 100 ms.
    fn cut() -> Queue {
        let queue = queue();
        assert!(queue.admits(STANDS, SOON, millis(0)));
        assert!(!queue.admits(500, SOON, millis(100)), "it was long for all the time");
        queue
    }

    #[test]
    fn a_burst_waits_its_turn() {
        let queue = queue();
        assert!((0..2_000).all(|length| queue.admits(length, SOON, millis(length as u64 / 20))));
        assert!(queue.admits(0, SOON, millis(100)), "it has ended");
        assert!((0..2_000).all(|length| queue.admits(length, SOON, millis(200))), "the next");
    }

    #[test]
    fn it_may_stand_for_as_long_as_it_likes() {
        let queue = queue();
        assert!((0..10_000).all(|at| queue.admits(STANDS - 1, SOON, millis(at))));
    }

    #[test]
    fn a_queue_that_stays_long_is_cut_down() {
        let queue = cut();
        assert!(!queue.admits(STANDS - 1, SOON, millis(105)), "more than it is cut down to");
        assert!(queue.admits(CUT_TO - 1, SOON, millis(110)), "there is room");
        assert!(!queue.admits(CUT_TO, SOON, millis(111)), "and no more than that");
        assert!(!queue.admits(CUT_TO, SOON, millis(210)), "as long as somebody has to be refused");
        assert!(queue.admits(CUT_TO - 1, SOON, millis(220)));
        assert!(queue.admits(STANDS - 1, SOON, millis(311)), "nobody was for a while: it may stand again");
        assert!(queue.admits(500, SOON, millis(312)), "and a burst is one again");
    }

    #[test]
    fn a_queue_that_moves_fast_is_cut_down_to_what_is_soon_done() {
        let queue = cut();
        assert!((0..400).all(|nth| queue.admits(0, SOON, millis(101 + nth / 8))));
        assert!(!queue.admits(CUT_TO, SOON, millis(199)), "it is not known yet");
        // 400 in 100 ms: 16 in 4 ms.
        assert!(queue.admits(15, SOON, millis(200)));
        assert!(!queue.admits(16, SOON, millis(298)), "no more than that");
        // One in 100 ms: it is slow now.
        assert!(!queue.admits(CUT_TO, SOON, millis(300)));
        assert!(queue.admits(CUT_TO - 1, SOON, millis(301)), "but no less than this");
    }

    #[test]
    fn a_queue_that_takes_long_by_itself_is_longer() {
        let queue = cut();
        assert!((0..100).all(|nth| queue.admits(0, SOON, millis(101 + nth / 2))));
        assert!(!queue.admits(CUT_TO, SOON, millis(199)), "it is not known yet");
        // 100 in 100 ms: 4 in 4 ms, 30 in 30 ms.
        assert!(!queue.admits(CUT_TO, SOON, millis(200)));
        assert!(queue.admits(29, millis(30), millis(200)));
        assert!(!queue.admits(30, millis(30), millis(200)));
        assert!(!queue.admits(STANDS, millis(1_000), millis(200)), "but never longer than it may stand at");
    }

    #[test]
    fn it_is_never_cut_down_to_more_than_it_may_stand_at() {
        let queue = Queue::new(2, CUT_TO, Duration::ZERO);
        assert!(queue.admits(1, SOON, millis(5)));
        assert!(!queue.admits(2, SOON, millis(5)), "without patience none is longer");
        assert!(!Queue::new(0, CUT_TO, Duration::ZERO).admits(0, SOON, millis(0)));
    }
}
