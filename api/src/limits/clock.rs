//! The time by which requests are counted: the database's, so that all nodes have the same; or one that a test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

/// Milliseconds since 1970.
pub type Millis = i64;

/// A clock. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    started: Instant,
    at_start: Arc<AtomicI64>,
    set: Option<Arc<AtomicI64>>,
}

impl Default for Clock {
    /// This machine's time, until it is corrected.
    fn default() -> Self {
        let at_start = Arc::new(AtomicI64::new(chrono::Utc::now().timestamp_millis()));
        Self { started: Instant::now(), at_start, set: None }
    }
}

impl Clock {
    /// A clock that shows what is in `time`, and nothing else.
    pub fn showing(time: Arc<AtomicI64>) -> Self {
        Self { set: Some(time), ..Self::default() }
    }

    /// What time it is.
    pub fn now(&self) -> Millis {
        match &self.set {
            Some(time) => time.load(Ordering::Relaxed),
            None => self.at_start.load(Ordering::Relaxed) + self.elapsed(),
        }
    }

    /// Takes over the database's time.
    pub fn correct(&self, now: Millis) {
        self.at_start.store(now - self.elapsed(), Ordering::Relaxed);
    }

    fn elapsed(&self) -> Millis {
        self.started.elapsed().as_millis() as i64
    }
}
