//! Proof of the promises: a cluster of Docket is broken in every way there is ([`menu`]), seeded and reproducible, while
//! clients write to it as careful people do ([`workload`]); then it is checked whether all that was answered is true
//! ([`check`]), and whether the checker would have noticed if it were not ([`falsified`]).
//!
//! With `--planted`, Docket has a bug, one of [`bugs`] after the other, and the checker has to notice ([`planting`]).
//!
//! Docket itself runs as processes, started by `docket dev --cluster` ([`cluster`]) and here ([`node`]), each with links
//! of its own that can be made bad ([`proxy`]), as those between the servers can ([`between`]). Nothing here uses the server's own code.

mod again;
mod between;
mod bugs;
mod check;
mod client;
mod clock;
mod cluster;
mod ears;
mod facts;
mod falsified;
mod history;
mod menu;
mod node;
mod odd;
mod options;
mod people;
mod planting;
mod probe;
mod proxy;
mod report;
mod run;
mod stage;
mod workload;

use std::process::ExitCode;

use clap::Parser;
use options::Options;

fn main() -> ExitCode {
    let options = Options::parse();
    // One thread: those that it starts end with it, and the rest of the machine is for what is tested.
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        tokio::task::LocalSet::new().block_on(&runtime, async {
            match (&options.planted, &options.again) {
                (Some(which), _) => planting::run(&options, which).await,
                (None, Some(_)) => again::run(&options).await,
                (None, None) => run::run(&options).await,
            }
        })
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("docket-faults: {error:#}");
            ExitCode::FAILURE
        }
    }
}
