//! What the caller wants.

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;

/// Breaks a Docket cluster in every way it knows while clients write, then checks whether all that was answered is true.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Options {
    /// Instead: plants one bug after the other in a Docket, and sees whether the promise that it breaks is found broken.
    /// Only those whose name has this in it; all, if nothing is said.
    #[arg(long, value_name = "BUG", num_args = 0..=1, default_missing_value = "")]
    pub planted: Option<String>,

    /// Instead: looks once more at what a run has left in this folder, without what its clients were told.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["planted", "from", "data"])]
    pub again: Option<PathBuf>,

    /// The program to break [default: docket, beside this program; with --planted, docket-planted].
    #[arg(long, value_name = "PATH")]
    pub docket: Option<PathBuf>,

    /// The version that runs at first. This one takes its place while clients write: it migrates the database, then
    /// replaces one node after the other.
    #[arg(long, value_name = "PATH")]
    pub from: Option<PathBuf>,

    /// What the faults, their order and the clients are drawn from; the same number draws the same.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// At least so many acknowledged commands.
    #[arg(long, default_value_t = 20_000)]
    pub commands: u64,

    /// Processes killed: nodes, nats-servers, the primary and its standby.
    #[arg(long, default_value_t = 20)]
    pub kills: usize,

    /// Processes stopped for a while.
    #[arg(long, default_value_t = 10)]
    pub pauses: usize,

    /// Faults of all other kinds: links, wiped streams, odd messages, exhausted connections, clocks.
    #[arg(long, default_value_t = 18)]
    pub others: usize,

    /// How many clients write at a time; each has a key, of which a member has 20 at most.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=48))]
    pub clients: u16,

    /// The most commands in a batch.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(2..=400))]
    pub largest_batch: u16,

    /// Of so many answered writes one is sent again, up to nine times.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat_one_in: u32,

    /// Where the cluster keeps its data; removed afterwards unless something is wrong [default: a temporary folder].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Keep the data in any case.
    #[arg(long)]
    pub keep: bool,
}

impl Options {
    /// The program to break.
    pub fn program(&self) -> Result<PathBuf> {
        match &self.docket {
            Some(program) => Ok(program.clone()),
            None => {
                let name = if self.planted.is_some() { "docket-planted" } else { "docket" };
                Ok(std::env::current_exe()?.with_file_name(name))
            }
        }
    }
}
