//! Proof of the numbers: starts a docket server, loads it over HTTP like any client, takes the limits of the same
//! machine and the same PostgreSQL in the same run, and says how near it comes.
//!
//! What is measured is in [`figures`], what it is compared with in [`limits`] and [`naive`], whether it is true in
//! [`checks`]. Nothing here uses the server's own code.

mod away;
mod checks;
mod client;
mod data;
mod database;
mod docket;
mod figures;
mod limits;
mod load;
mod machine;
mod naive;
mod options;
mod peer;
mod prefill;
mod progress;
mod report;
mod scripts;
mod stage;

use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use tokio::runtime::Builder;

use database::Database;
use docket::Docket;
use machine::{CpuUse, Machine, fdatasync_micros};
use options::{Command, Options};
use report::Report;
use stage::Stage;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let options = Options::parse();
    match options.command {
        Some(Command::ServeNaive { database_url }) => {
            Builder::new_multi_thread().enable_all().build()?.block_on(naive::serve(&database_url))
        }
        Some(Command::ServeStatic { bytes }) => {
            Builder::new_multi_thread().enable_all().build()?.block_on(limits::serve_static(bytes))
        }
        Some(Command::Refuse) => Builder::new_multi_thread().enable_all().build()?.block_on(limits::refuse()),
        Some(Command::Carry { socket, millis }) => {
            let each_way = Duration::from_millis(millis);
            Builder::new_current_thread().enable_all().build()?.block_on(away::carry(socket, each_way))
        }
        // One thread: the generator leaves the others to what it measures.
        None => Builder::new_current_thread().enable_all().build()?.block_on(bench(options)),
    }
}

async fn bench(options: Options) -> Result<()> {
    let json = options.json.clone();
    let docket = Docket::open(&options).await?;
    let database = Database::connect(&docket.database_url).await?;
    let before = CpuUse::now();
    let report = Report::new(look(&options, &database).await?);
    let mut stage = Stage::set(options, docket, database, report).await?;
    let measured = tokio::select! {
        measured = figures::run(&mut stage) => measured,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    let Stage { docket, mut report, .. } = stage;
    report.end();
    println!("{}{}", report.table(), CpuUse::now().since(&before).complaint().trim_start_matches("; "));
    report.write(&json)?;
    docket.close()?;
    measured.context("not all could be measured")
}

async fn look(options: &Options, database: &Database) -> Result<Machine> {
    let temporary = std::env::temp_dir();
    let folder = options.data.as_deref().filter(|data| data.is_dir()).unwrap_or(&temporary);
    let (postgres, fsync) = (database.text("show server_version").await?, database.text("show fsync").await?);
    let date = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    Ok(Machine::look(date, format!("PostgreSQL {postgres}"), fsync, fdatasync_micros(folder)?))
}
