//! What a run came to, as a table for people.

use std::collections::BTreeMap;
use std::time::Duration;

/// How long each fault was felt.
#[derive(Default)]
pub struct Felt(BTreeMap<&'static str, Vec<Duration>>);

impl Felt {
    /// This fault was felt so long.
    pub fn add(&mut self, fault: &'static str, long: Duration) {
        self.0.entry(fault).or_default().push(long);
    }

    /// One line per kind.
    pub fn table(&self) -> String {
        let mut lines = vec![format!("{:<34} {:>5} {:>9} {:>9}", "fault", "times", "p50", "max")];
        for (fault, times) in &self.0 {
            let mut times = times.clone();
            times.sort();
            let (middle, max) = (times[times.len() / 2], times[times.len() - 1]);
            lines.push(format!(
                "{fault:<34} {:>5} {:>7.2} s {:>7.2} s",
                times.len(),
                middle.as_secs_f64(),
                max.as_secs_f64()
            ));
        }
        lines.join("\n")
    }
}
