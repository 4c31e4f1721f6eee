//! Open loop: requests are due at a steady rate, whether or not earlier ones were answered.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// The times at which requests are due, handed out to whichever connection is free.
pub struct Ticks {
    start: Instant,
    rate: u32,
    count: u32,
    next: Cell<u32>,
}

impl Ticks {
    /// So many a second for so long, starting now.
    pub fn new(rate: u32, lasting: Duration) -> Self {
        let count = (f64::from(rate) * lasting.as_secs_f64()) as u32;
        Self { start: Instant::now(), rate, count, next: Cell::new(0) }
    }

    /// Waits for the next one; answers its place in the row and how late it is, or nothing when all are gone.
    pub async fn next(&self) -> Option<(u32, Duration)> {
        let nth = self.next.get();
        if nth >= self.count {
            return None;
        }
        self.next.set(nth + 1);
        let due = self.start + Duration::from_secs_f64(f64::from(nth) / f64::from(self.rate));
        // Who is late needs no timer.
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
        }
        Some((nth, due.elapsed()))
    }
}
