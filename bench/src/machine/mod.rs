//! The machine the figures were taken on.

mod cpu;
mod disk;

use std::fs;

pub use cpu::{CpuUse, call};
pub use disk::fdatasync_micros;
use serde::Serialize;

/// What a reader needs to know to compare figures.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// When the run started (RFC 3339, UTC).
    pub date: String,
    /// Processors available to this process.
    pub cores: usize,
    /// Their model.
    pub cpu: String,
    /// Memory, GiB.
    pub memory_gib: f64,
    /// The database's own words.
    pub postgres: String,
    /// Whether commits wait for the disk.
    pub fsync: String,
    /// One 8 KiB write with `fdatasync`, median, microseconds, in the folder of the data.
    pub fdatasync_us: f64,
}

impl Machine {
    /// Looks around.
    pub fn look(date: String, postgres: String, fsync: String, fdatasync_us: f64) -> Self {
        Self {
            date,
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            memory_gib: kibibytes("/proc/meminfo", "MemTotal").unwrap_or_default() / 1_048_576.0,
            postgres,
            fsync,
            fdatasync_us,
        }
    }
}

/// Resident memory of a process and its highest so far, MiB.
pub fn memory(process: u32) -> Option<(f64, f64)> {
    let file = format!("/proc/{process}/status");
    Some((kibibytes(&file, "VmRSS")? / 1024.0, kibibytes(&file, "VmHWM")? / 1024.0))
}

fn kibibytes(file: &str, name: &str) -> Option<f64> {
    field(file, name)?.trim_end_matches("kB").trim().parse().ok()
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
