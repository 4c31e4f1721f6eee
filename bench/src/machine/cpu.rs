//! Where processor time goes: by program, from `/proc`.

use std::collections::BTreeMap;
use std::fs;

/// Linux counts in hundredths of a second for all programs, whatever the kernel's own tick.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor seconds used so far, by program; this process counts as `load`, its children as `peer`.
#[derive(Clone, Debug, Default)]
pub struct CpuUse(BTreeMap<String, f64>);

impl CpuUse {
    /// What every process of the machine has used since it started.
    pub fn now() -> Self {
        let mut programs = BTreeMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
            if let Some((program, seconds)) = parse(&stat, id) {
                *programs.entry(program).or_default() += seconds;
            }
        }
        Self(programs)
    }

    /// What was used between `before` and this.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let used = |(program, seconds): (&String, &f64)| {
            let used = seconds - before.0.get(program).copied().unwrap_or_default();
            (used > 0.0).then(|| (program.clone(), used))
        };
        Self(self.0.iter().filter_map(used).collect())
    }

    /// Adds another stretch of time.
    pub fn add(&mut self, other: &Self) {
        for (program, seconds) in &other.0 {
            *self.0.entry(program.clone()).or_default() += seconds;
        }
    }

    /// Microseconds per request of each program that mattered: `docket 21, postgres 18, load 9`.
    pub fn per_request(&self, requests: u64) -> String {
        let mut shares: Vec<_> =
            self.0.iter().map(|(program, seconds)| (program, seconds * 1e6 / requests.max(1) as f64)).collect();
        shares.sort_by(|one, other| other.1.total_cmp(&one.1));
        let total: f64 = shares.iter().map(|(_, micros)| micros).sum();
        let shares = shares.into_iter().filter(|(_, micros)| *micros > total * 0.01);
        shares.map(|(program, micros)| format!("{program} {micros:.1}")).collect::<Vec<_>>().join(", ")
    }
}

/// Program and seconds out of `/proc/ID/stat`: `id (name) state parent … utime stime …`.
fn parse(stat: &str, id: u32) -> Option<(String, f64)> {
    let (process, rest) = stat.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    let own = std::process::id();
    let program = match (process.parse::<u32>().ok()?, fields.get(1)?.parse::<u32>().ok()?) {
        (process, _) if process == own && id == own => "load",
        (_, parent) if parent == own && name == "docket-bench" => "peer",
        _ => name.split(['/', ':']).next().unwrap_or(name),
    };
    Some((program.to_owned(), ticks / TICKS_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_programs_name_may_hold_spaces_and_brackets() {
        let stat = "7 (odd (name) x) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 1 0 0 0 0";
        let (program, seconds) = parse(stat, 7).unwrap();
        assert_eq!((program.as_str(), seconds), ("odd (name) x", 2.0));
    }
}
