//! What of the limits can be configured, and the policies that come of it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::clock::Clock;
use super::policy::{Mount, Policy};

const DEFAULT: &str = include_str!("default.txt");

/// The limits of one process.
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// A limit, like `native key 600/1m pro=6000`, or several, parted by semicolons. A mount that is named has these and
    /// no others.
    #[arg(long = "limit", env = "DOCKET_LIMITS", value_delimiter = ';', value_name = "LIMIT")]
    pub limits: Vec<String>,

    /// A file of limits, one a line; lines that start with `#` say nothing.
    #[arg(long, env = "DOCKET_LIMITS_FILE", value_name = "FILE")]
    pub limits_file: Option<PathBuf>,

    /// Switches the rate limits off: for benchmarks.
    #[arg(long, env = "DOCKET_NO_LIMITS", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_limits: bool,

    /// By which time requests are counted.
    #[arg(skip)]
    pub clock: Clock,

    /// How long a request waits for the database, if not as long as usual.
    #[arg(skip)]
    pub patience: Option<Duration>,
}

impl Settings {
    /// The policies of each mount: those of the command line, else of the file, else the usual ones.
    pub fn policies(&self) -> anyhow::Result<Vec<Policy>> {
        let of_line = read(self.limits.iter().map(String::as_str)).context("--limit (DOCKET_LIMITS)")?;
        let of_file = match &self.limits_file {
            None => Vec::new(),
            Some(file) => std::fs::read_to_string(file)
                .map_err(anyhow::Error::from)
                .and_then(|text| read(text.lines()))
                .with_context(|| format!("--limits-file (DOCKET_LIMITS_FILE) {}", file.display()))?,
        };
        let sources = [of_line, of_file, read(DEFAULT.lines())?];
        let of = |mount| {
            let of_mount = |source: &Vec<Policy>| source.iter().filter(|one| one.mount == mount).cloned().collect();
            sources.iter().map(of_mount).find(|policies: &Vec<Policy>| !policies.is_empty()).unwrap_or_default()
        };
        Ok(Mount::ALL.into_iter().flat_map(of).collect())
    }
}

fn read<'a>(lines: impl Iterator<Item = &'a str>) -> anyhow::Result<Vec<Policy>> {
    let lines = lines.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.parse().map_err(anyhow::Error::msg)).collect()
}
