//! `docket import`

mod history;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;

use super::client::{Client, Server};
use super::upload;

/// Bring work in from elsewhere, through the public API.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Import a work history: one JSON object per line, with project, title, author, at and labels.
    ///
    /// Projects, members and labels are created as needed, and every item becomes a task that occurred at its own
    /// time. Running it again imports nothing twice.
    WorkHistory(WorkHistory),
}

/// Import a work history.
#[derive(clap::Args)]
pub struct WorkHistory {
    /// The file, newline-delimited JSON.
    file: PathBuf,
    #[command(flatten)]
    server: Server,
    /// What to do about a line that can't be read.
    #[arg(long, value_enum, default_value_t = OnError::Stop)]
    on_error: OnError,
}

/// What to do about a bad line.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnError {
    /// Say which lines are bad and import nothing.
    Stop,
    /// Say which lines are bad and import the others.
    Skip,
}

pub async fn run(command: Command) -> anyhow::Result<()> {
    let Command::WorkHistory(args) = command;
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("can't read {}", args.file.display()))?;
    let (items, bad) = history::read(&text);
    for fault in &bad {
        eprintln!("{}:{}: {}", args.file.display(), fault.line, fault.why);
    }
    if !bad.is_empty() && args.on_error == OnError::Stop {
        anyhow::bail!("{} bad lines, nothing was imported (--on-error skip imports the others)", bad.len());
    }
    let client = Client::new(args.server)?;
    let started = Instant::now();
    let places = history::prepare(&client, &items).await?;
    let bar = upload::bar(items.len() as u64, "tasks");
    let tasks = items.iter().map(|item| places.task(item)).collect::<anyhow::Result<Vec<_>>>()?;
    let sent = Instant::now();
    let done = upload::upload(&client, tasks, &bar).await?;
    // One's own writes are visible in one's next read: this answers when the read models have them all.
    let total = client.get("/v1/tasks?limit=1").await?["total"].as_i64().unwrap_or_default();
    bar.finish_and_clear();
    let rate = (done.created + done.existing) as f64 / sent.elapsed().as_secs_f64().max(0.001);
    println!(
        "{} tasks imported, {} were there already, {} bad lines skipped; {:.1} s in all, {rate:.0} tasks/s until readable. \
         The workspace has {total} tasks.",
        done.created,
        done.existing,
        bad.len(),
        started.elapsed().as_secs_f64(),
    );
    Ok(())
}
