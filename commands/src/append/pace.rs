//! How long an append takes at its best: what a commit costs where there is little to do, however far away the disk is.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long an append counts, and for twice as long at most.
const LATELY: Duration = Duration::from_secs(30);

/// The shortest of the last appends, of all partitions. Cheap to note and to ask for.
#[derive(Default)]
pub struct Pace(Mutex<Option<Spans>>);

/// Two spans of time, and the shortest append of each.
struct Spans {
    since: Instant,
    now: Duration,
    before: Duration,
}

impl Pace {
    /// An append took so long, and ended at this moment.
    pub fn note(&self, took: Duration, at: Instant) {
        let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let spans = spans.get_or_insert(Spans { since: at, now: took, before: took });
        let passed = at.saturating_duration_since(spans.since);
        if passed >= LATELY {
            let before = if passed < LATELY * 2 { spans.now } else { took };
            *spans = Spans { since: at, now: took, before };
        }
        spans.now = spans.now.min(took);
    }

    /// The shortest lately; nothing where there was none.
    pub fn shortest(&self) -> Duration {
        let spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spans.as_ref().map_or(Duration::ZERO, |spans| spans.now.min(spans.before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_counts_for_a_while() {
        let (pace, begin) = (Pace::default(), Instant::now());
        let after = |seconds, millis| {
            pace.note(Duration::from_millis(millis), begin + Duration::from_secs(seconds));
            pace.shortest().as_millis()
        };
        assert_eq!(pace.shortest(), Duration::ZERO, "nothing is known");
        assert_eq!(after(0, 50), 50);
        assert_eq!(after(5, 20), 20);
        assert_eq!(after(29, 90), 20, "not the last one");
        assert_eq!(after(31, 80), 20, "that of the span before");
        assert_eq!(after(59, 70), 20);
        assert_eq!(after(61, 90), 70, "that is over");
        assert_eq!(after(300, 60), 60, "as is what was long ago");
    }
}
