//! `docket import`

pub mod csv;
mod history;
mod places;

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::account::Account;
use super::client::Client;
use super::out::{count, note, say};
use super::upload;

/// Bring work in from elsewhere, through the public API.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Import a work history: one JSON object per line, with project, title, author, at and labels.
    ///
    /// Projects, members and labels are created as needed, and every item becomes a task that occurred at its own
    /// time. Running it again imports nothing twice.
    WorkHistory(WorkHistory),
    /// Import a CSV file: an export of Jira, Linear or Trello, or any table with a title in each row.
    ///
    /// Shows which column becomes what, and asks, before it imports anything. Projects and labels are created as
    /// needed. Running it again imports nothing twice.
    Csv(Box<csv::Args>),
}

/// Import a work history.
#[derive(clap::Args)]
pub struct WorkHistory {
    /// The file, newline-delimited JSON.
    file: PathBuf,
    #[command(flatten)]
    account: Account,
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

/// A line that can't be imported.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: String,
}

/// A task to be, and the line it comes from.
struct Item {
    line: u64,
    body: Value,
}

/// Does it.
pub async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::WorkHistory(args) => work_history(args).await,
        Command::Csv(args) => csv::run(*args).await,
    }
}

async fn work_history(args: WorkHistory) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("can't read {}", args.file.display()))?;
    let (entries, faults) = history::read(&text);
    judge(&args.file, &faults, args.on_error)?;
    let client = Client::new(args.account.server()?)?;
    let started = Instant::now();
    let places = history::prepare(&client, &entries).await?;
    let items = entries.iter().map(|entry| places.item(entry)).collect::<anyhow::Result<Vec<_>>>()?;
    bring_in(&client, &args.file, items, faults.len(), started, async { Ok(()) }).await
}

/// Says what is wrong with which lines; an error, unless the others are to be imported all the same.
fn judge(file: &Path, faults: &[Fault], on_error: OnError) -> anyhow::Result<()> {
    for fault in faults {
        complain(file, fault.line, &fault.why);
    }
    ensure!(
        faults.is_empty() || on_error == OnError::Skip,
        "{}, nothing was imported (--on-error skip imports the others)",
        count(faults.len(), "bad line")
    );
    Ok(())
}

fn complain(file: &Path, line: u64, why: impl Display) {
    note!("{}:{line}: {why}", file.display());
}

/// Uploads the tasks, does what is to be done after that, and says how it went.
async fn bring_in(
    client: &Client,
    file: &Path,
    items: Vec<Item>,
    skipped: usize,
    started: Instant,
    after: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let bar = upload::bar(items.len() as u64, "tasks");
    let (lines, bodies): (Vec<u64>, Vec<Value>) = items.into_iter().map(|item| (item.line, item.body)).unzip();
    let sent = Instant::now();
    let done = upload::upload(client, bodies, &bar).await?;
    // One's own writes are visible in one's next read: this answers when the read models have them all.
    after.await?;
    let total = client.get("/v1/tasks?limit=1").await?["total"].as_i64().unwrap_or_default();
    bar.finish_and_clear();
    for refusal in &done.refused {
        complain(file, lines.get(refusal.index).copied().unwrap_or_default(), &refusal.why);
    }
    let rate = (done.created + done.existing) as f64 / sent.elapsed().as_secs_f64().max(0.001);
    say!(
        "{} imported, {} {} there already, {} skipped; {:.1} s in all, {rate:.0} tasks/s until readable. The workspace has \
         {}.",
        count(done.created, "task"),
        done.existing,
        if done.existing == 1 { "was" } else { "were" },
        count(skipped, "bad line"),
        started.elapsed().as_secs_f64(),
        count(total, "task"),
    )?;
    ensure!(done.refused.is_empty(), "the server refused {}", count(done.refused.len(), "line"));
    Ok(())
}
