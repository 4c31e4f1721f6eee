//! Where processor time goes: by program, from `/proc`.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Mutex, PoisonError};

/// Linux counts in hundredths of a second for all programs, whatever the kernel's own tick.
const TICKS_PER_SECOND: f64 = 100.0;
/// The parent of the kernel's own threads.
const KTHREADD: u32 = 2;

/// What belongs to a measurement. Everything else on the machine disturbs it.
const OURS: [&str; 6] = ["load", "peer", "docket", "postgres", "nats-server", "kernel"];

/// What a process of PostgreSQL does, as far as it was told: its title doesn't say.
static CALLED: Mutex<BTreeMap<u32, String>> = Mutex::new(BTreeMap::new());

/// Tells what these processes do.
pub fn call(processes: impl Iterator<Item = (u32, String)>) {
    CALLED.lock().unwrap_or_else(PoisonError::into_inner).extend(processes);
}

/// Processor seconds used so far, by program; this process counts as `load`, its children as `peer`.
#[derive(Clone, Debug, Default)]
pub struct CpuUse {
    programs: BTreeMap<String, f64>,
    /// Of all programs, those that have ended, too.
    busy: f64,
    /// Busy or not.
    all: f64,
}

impl CpuUse {
    /// What every process of the machine has used since it started.
    pub fn now() -> Self {
        let (busy, all) = whole().unwrap_or_default();
        let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
        let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let stats = numbers.filter_map(|id| fs::read_to_string(format!("/proc/{id}/stat")).ok());
        let processes: BTreeMap<u32, Process> = stats.filter_map(|stat| parse(&stat)).collect();
        let own = std::process::id();
        // A server that was not started from here can't be told from others of its kind.
        let attached = !processes.values().any(|process| process.parent == own && process.name == "docket");
        let called = CALLED.lock().unwrap_or_else(PoisonError::into_inner);
        let mut programs = BTreeMap::new();
        for (id, process) in &processes {
            let program = match process.name.as_str() {
                _ if *id == own => "load",
                "docket-bench" if process.parent == own => "peer",
                _ if process.parent == KTHREADD || *id == KTHREADD => "kernel",
                "postgres" if called.contains_key(id) => &called[id],
                name if attached || descends(&processes, *id, own) => name,
                name => &format!("other {name}"),
            };
            *programs.entry(program.to_owned()).or_default() += process.seconds;
        }
        Self { programs, busy, all }
    }

    /// What was used between `before` and this.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let used = |(program, seconds): (&String, &f64)| {
            let used = seconds - before.programs.get(program).copied().unwrap_or_default();
            (used > 0.0).then(|| (program.clone(), used))
        };
        let programs = self.programs.iter().filter_map(used).collect();
        Self { programs, busy: self.busy - before.busy, all: self.all - before.all }
    }

    /// Adds another stretch of time.
    pub fn add(&mut self, other: &Self) {
        for (program, seconds) in &other.programs {
            *self.programs.entry(program.clone()).or_default() += seconds;
        }
        self.busy += other.busy;
        self.all += other.all;
    }

    /// The part of the machine's processors that programs took which have no business here.
    fn disturbance(&self) -> f64 {
        let is_ours = |program: &str| OURS.contains(&program.split(' ').next().unwrap_or_default());
        let ours: f64 = self.programs.iter().filter(|(program, _)| is_ours(program)).map(|(_, seconds)| seconds).sum();
        ((self.busy - ours) / self.all.max(0.01)).clamp(0.0, 1.0)
    }

    /// What to say about that, if it matters.
    pub fn complaint(&self) -> String {
        let share = self.disturbance() * 100.0;
        if share > 5.0 {
            format!("; NOT ALONE: {share:.0} % of the processors' time went to other programs")
        } else {
            String::new()
        }
    }

    /// The part of the processors' time that nobody used.
    pub fn idle(&self) -> f64 {
        (1.0 - self.busy / self.all.max(0.01)).clamp(0.0, 1.0)
    }

    /// Microseconds per request of each program that mattered: `docket 21, postgres 18, load 9`.
    pub fn per_request(&self, requests: u64) -> String {
        let mut shares: Vec<_> =
            self.programs.iter().map(|(program, seconds)| (program, seconds * 1e6 / requests.max(1) as f64)).collect();
        shares.sort_by(|one, other| other.1.total_cmp(&one.1));
        let total: f64 = shares.iter().map(|(_, micros)| micros).sum();
        let shares = shares.into_iter().filter(|(_, micros)| *micros > total * 0.01);
        shares.map(|(program, micros)| format!("{program} {micros:.1}")).collect::<Vec<_>>().join(", ")
    }
}

/// Busy and all seconds of all processors: `cpu user nice system idle iowait irq softirq steal …`.
fn whole() -> Option<(f64, f64)> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let ticks: Vec<f64> =
        stat.lines().next()?.split_whitespace().skip(1).take(8).filter_map(|n| n.parse().ok()).collect();
    let idle = ticks.get(3)? + ticks.get(4)?;
    let all: f64 = ticks.iter().sum();
    Some(((all - idle) / TICKS_PER_SECOND, all / TICKS_PER_SECOND))
}

struct Process {
    parent: u32,
    name: String,
    seconds: f64,
}

/// Out of `/proc/ID/stat`: `id (name) state parent … utime stime cutime cstime …`.
fn parse(stat: &str) -> Option<(u32, Process)> {
    let (id, rest) = stat.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    // The postmaster inherits the time of its connections that have ended, and this process that of its peers.
    let times = if ["postgres", "docket-bench"].contains(&name) { 11..15 } else { 11..13 };
    let ticks: f64 = fields.get(times)?.iter().filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    let process =
        Process { parent: fields.get(1)?.parse().ok()?, name: name.to_owned(), seconds: ticks / TICKS_PER_SECOND };
    Some((id.parse().ok()?, process))
}

fn descends(processes: &BTreeMap<u32, Process>, id: u32, from: u32) -> bool {
    let parents = std::iter::successors(Some(id), |id| processes.get(id).map(|process| process.parent));
    parents.take(20).any(|parent| parent == from)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_programs_name_may_hold_spaces_and_brackets() {
        let stat = "7 (odd (name) x) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 1 0 0 0 0";
        let (id, process) = parse(stat).unwrap();
        assert_eq!((id, process.parent, process.name.as_str(), process.seconds), (7, 1, "odd (name) x", 2.0));
    }
}
