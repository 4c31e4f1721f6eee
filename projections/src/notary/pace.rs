//! How often a notary does its step: as soon as something has happened, but not for each event by itself, and again and
//! again while there is more.

use std::time::Duration;

use crate::Error;

/// How old an event is at most when a signed tree has it, as long as the database answers: what is promised.
pub(super) const PROMISED: Duration = Duration::from_secs(5);
/// Most events at a time.
pub(super) const MOST: i64 = 4_000;
/// How long events are gathered: every time costs a signature for each workspace, and a new version of its last tiles.
const GATHER: Duration = Duration::from_millis(250);
/// How long it takes breath when something has failed.
const PAUSE: Duration = Duration::from_secs(1);

const _: () = assert!(GATHER.as_millis() + 2 * PAUSE.as_millis() < PROMISED.as_millis());

/// What comes between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rest {
    /// Whether nothing is to be done until something new has happened.
    pub(super) until_told: bool,
    /// How long to wait then.
    pub(super) then: Duration,
}

impl Rest {
    /// The one after a step that took in so many events, or failed.
    pub(super) fn after(step: &Result<i64, Error>) -> Self {
        match step {
            Ok(events) if *events < MOST => Self { until_told: true, then: GATHER },
            Ok(_) => Self { until_told: false, then: Duration::ZERO },
            Err(_) => Self { until_told: false, then: PAUSE },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heads::TICK;

    /// A step takes so long here: many times what it takes.
    const STEP: Duration = Duration::from_millis(400);

    /// When each event happens, in a minute: a steady stream that rests now and then, and much at once in the middle.
    fn history() -> Vec<Duration> {
        let stream = (0..60_000).step_by(9).filter(|at| at % 7_000 < 5_000);
        let mut all: Vec<_> = stream.chain(std::iter::repeat_n(30_000, 8_000)).map(Duration::from_millis).collect();
        all.sort_unstable();
        all
    }

    /// How old the oldest event was whenever a tree with it was signed, if every so many steps one fails.
    fn oldest(history: &[Duration], failing: usize) -> Duration {
        let (mut now, mut signed, mut oldest) = (Duration::ZERO, 0, Duration::ZERO);
        for nth in 1.. {
            let seen = history.partition_point(|at| *at <= now);
            now += STEP;
            let step = if nth % failing == 0 {
                Err(Error::Unavailable("just now".to_owned()))
            } else {
                let taken = (seen - signed).min(MOST as usize);
                oldest =
                    history[signed..signed + taken].first().map_or(oldest, |at| oldest.max(now.saturating_sub(*at)));
                signed += taken;
                Ok(taken as i64)
            };
            let rest = Rest::after(&step);
            if rest.until_told {
                // The head is looked at every now and then.
                let Some(next) = history.get(seen) else { break };
                now = now.max(*next + TICK);
            }
            now += rest.then;
        }
        assert_eq!(signed, history.len());
        oldest
    }

    #[test]
    fn what_happens_is_signed_in_the_time_that_is_promised() {
        let history = history();
        for failing in [usize::MAX, 10, 3] {
            let oldest = oldest(&history, failing);
            assert!(oldest <= PROMISED, "{oldest:?} with every {failing}. step failing");
        }
    }

    #[test]
    fn who_runs_it_is_told_when_it_takes_longer() {
        let rules = include_str!("../../../docs/monitoring/rules.yaml");
        let rule = format!("expr: max by (partition) (docket_audit_lag_seconds) > {}\n", PROMISED.as_secs());
        assert!(rules.contains(&rule), "no {rule}");
    }
}
