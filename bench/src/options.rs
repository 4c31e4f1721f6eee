//! What the caller wants.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Measures a docket server against the limits of the machine it runs on.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Options {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The program to measure [default: docket, beside this program].
    #[arg(long, value_name = "PATH")]
    pub docket: Option<PathBuf>,

    /// A rougher run: short loads, once each, and 200,000 tasks instead of 1,000,000.
    #[arg(long)]
    pub quick: bool,

    /// Measure only these.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAME,…")]
    pub only: Vec<Part>,

    /// How long each load is measured, after a warm-up [default: 1].
    #[arg(long)]
    pub seconds: Option<f64>,

    /// How often the loads that are compared with each other take turns [default: 2, or 1 with --quick].
    #[arg(long)]
    pub rounds: Option<usize>,

    /// How many tasks are many [default: 1000000, or 200000 with --quick].
    #[arg(long)]
    pub tasks: Option<i64>,

    /// How many notifications are told over forced disconnects.
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    pub notifications: usize,

    /// Where to keep the server's data; removed afterwards [default: a new folder for temporary files].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Where to write the figures as JSON.
    #[arg(long, default_value = "target/bench.json", value_name = "FILE")]
    pub json: PathBuf,

    /// Measure a running server instead of starting one; needs --key and --database-url.
    #[arg(long, requires_all = ["key", "database_url"])]
    pub url: Option<String>,

    /// Measure a node whose database is so many milliseconds away, each way: it waits then, and processors are free.
    #[arg(long, value_name = "MS", conflicts_with = "url")]
    pub database_away: Option<u64>,

    /// A key with all rights in the workspace to load.
    #[arg(long, env = "DOCKET_KEY", hide_env_values = true)]
    pub key: Option<String>,

    /// The running server's database, as the role that owns it.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

/// The servers to compare with are this program, too.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the naive way.
    #[command(hide = true)]
    ServeNaive {
        #[arg(long)]
        database_url: String,
    },
    /// Serve the same answer each time.
    #[command(hide = true)]
    ServeStatic {
        #[arg(long)]
        bytes: usize,
    },
    /// Refuse everything.
    #[command(hide = true)]
    Refuse,
    /// Carry what comes, so much later.
    #[command(hide = true)]
    Carry { socket: PathBuf, millis: u64 },
}

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Lists and single tasks, few and many.
    Reads,
    /// Creating tasks, and the whole pipeline behind it.
    Create,
    /// Changing tasks.
    Patch,
    /// One hot project.
    Hot,
    /// From the answer to the list.
    Visibility,
    /// What other products' words cost.
    Dialects,
    /// Projecting what has piled up.
    CatchUp,
    /// The same at many tasks as at few, and the memory it takes.
    Flatness,
    /// Lists with several filters, and search, among many.
    Lists,
    /// Lists as they were in the middle of a long history.
    Past,
    /// Reports over many tasks and much time.
    Reports,
    /// Closing a sprint with many open tasks.
    Sprint,
    /// Building the read models anew.
    Rebuild,
    /// What reaches those who listen, and how soon. Kills servers, so it is measured only if named here.
    Delivery,
    /// More than the server can do. Measured only if it is named here.
    Overload,
    /// What is felt of 5,000 clients that are slow. Measured only if it is named here.
    Slow,
    /// Whether the time of an answer tells what there is. Measured only if it is named here.
    Oracles,
    /// Whether all of it is true.
    Check,
}

impl Options {
    /// Whether this part is wanted.
    pub fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.names(part)
    }

    /// Whether this part is asked for by name.
    pub fn names(&self, part: Part) -> bool {
        self.only.contains(&part)
    }

    /// Whether many tasks are needed.
    pub fn wants_many(&self) -> bool {
        [Part::CatchUp, Part::Flatness, Part::Lists, Part::Past, Part::Reports, Part::Dialects, Part::Rebuild]
            .into_iter()
            .any(|part| self.wants(part))
    }

    /// How long each load is measured.
    pub fn seconds(&self) -> f64 {
        self.seconds.unwrap_or(1.0)
    }

    /// How often compared loads take turns.
    pub fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 1 } else { 2 }).max(1)
    }

    /// How many tasks are many.
    pub fn many(&self) -> i64 {
        self.tasks.unwrap_or(if self.quick { 200_000 } else { 1_000_000 })
    }
}
