//! What a load came to.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::machine::CpuUse;

/// The counts, times and costs of one load or of several of the same kind.
pub struct Outcome {
    /// Answers within the measured time.
    pub count: u64,
    /// The measured time.
    pub elapsed: Duration,
    /// Answers other than 2xx, with and without the warm-up.
    pub bad: BTreeMap<u16, u64>,
    /// The first of them.
    pub complaint: Option<String>,
    /// Processor time used meanwhile, by program.
    pub cpu: CpuUse,
    times: Histogram<u64>,
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            count: 0,
            elapsed: Duration::ZERO,
            bad: BTreeMap::new(),
            complaint: None,
            cpu: CpuUse::default(),
            times: latencies(),
        }
    }
}

impl Outcome {
    /// Nothing yet, to be measured for so long.
    pub fn over(elapsed: Duration, cpu: CpuUse) -> Self {
        Self { elapsed, cpu, ..Self::default() }
    }

    /// Answers per second.
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// The time within which this part of the answers came, in milliseconds.
    pub fn millis(&self, quantile: f64) -> f64 {
        self.times.value_at_quantile(quantile) as f64 / 1e6
    }

    /// Latencies, what went wrong, and where the processors' time went.
    pub fn describe(&self) -> String {
        let bad = self.complaint.as_ref().map(|first| format!("; {:?} not 2xx, the first: {first}", self.bad));
        format!(
            "p50 {:.2} ms, p99 {:.2} ms; µs per answer: {}, idle {:.0} %{}{}",
            self.millis(0.5),
            self.millis(0.99),
            self.cpu.per_request(self.count),
            self.cpu.idle() * 100.0,
            self.cpu.complaint(),
            bad.unwrap_or_default()
        )
    }

    /// Takes in one answer of the measured time.
    pub fn record(&mut self, took: Duration) {
        self.count += 1;
        self.times.saturating_record(took.as_nanos() as u64);
    }

    /// Takes in an answer that should not have been.
    pub fn record_bad(&mut self, status: u16, body: &[u8]) {
        *self.bad.entry(status).or_default() += 1;
        self.complaint
            .get_or_insert_with(|| format!("{status} {}", String::from_utf8_lossy(&body[..body.len().min(300)])));
    }

    /// How many answers were not 2xx.
    pub fn bad_count(&self) -> u64 {
        self.bad.values().sum()
    }

    /// Adds what another connection did in the same time.
    pub fn join(&mut self, other: &Self) {
        self.count += other.count;
        for (status, count) in &other.bad {
            *self.bad.entry(*status).or_default() += count;
        }
        if self.complaint.is_none() {
            self.complaint.clone_from(&other.complaint);
        }
        let _ = self.times.add(&other.times);
    }

    /// Adds a load of the same kind at another time.
    pub fn append(&mut self, other: &Self) {
        self.join(other);
        self.elapsed += other.elapsed;
        self.cpu.add(&other.cpu);
    }
}

/// An empty histogram of nanoseconds up to a minute, exact to 1 in 1,000.
fn latencies() -> Histogram<u64> {
    let mut histogram =
        Histogram::new_with_bounds(1_000, 60_000_000_000, 3).unwrap_or_else(|_| unreachable!("fixed bounds"));
    histogram.auto(false);
    histogram
}
