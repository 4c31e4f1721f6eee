//! `docket import csv`: what other products export, and plain tables.

mod after;
pub mod dates;
mod draft;
mod format;
mod mapping;
mod plan;
pub mod sheet;
mod words;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, ensure};

use self::draft::{Draft, Reading};
use self::mapping::{Mapping, Said};
use self::plan::Plan;
use self::words::Words;
use super::{OnError, bring_in, judge};
use crate::cli::account::Account;
use crate::cli::client::Client;
use crate::cli::login::ask;
use crate::cli::out::{count, harmless, say};
use crate::cli::{find, table::Table};

/// Import a CSV file.
#[derive(clap::Args)]
pub struct Args {
    /// The file, with the names of its columns in the first line.
    file: PathBuf,
    #[command(flatten)]
    account: Account,
    /// Which column is what, where that isn't known or is to be otherwise: `title=Summary`; `created=` leaves it out.
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<Said>,
    /// What a word for a status or a priority means: `In QA=in_review`.
    #[arg(long = "word", value_name = "WORD=MEANING")]
    words: Vec<String>,
    /// How days are written, where that isn't plain: `%m/%d/%Y`.
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<String>,
    /// Everything goes into this project, by number, name or id, whatever the file says.
    #[arg(long, short)]
    project: Option<String>,
    /// Where the ids come from: those of different sources may be equal. The product, unless said otherwise.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Import what was put away, too.
    #[arg(long)]
    archived: bool,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Don't ask.
    #[arg(long, short)]
    yes: bool,
    /// What to do about a line that can't be imported.
    #[arg(long, value_enum, default_value_t = OnError::Stop)]
    on_error: OnError,
}

/// Does it.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let bytes = std::fs::read(&args.file).with_context(|| format!("can't read {}", args.file.display()))?;
    let mut sheet = sheet::read(&bytes).with_context(|| format!("can't import {}", args.file.display()))?;
    let format = format::detect(&sheet.heads);
    let mapping = Mapping::new(format, &args.map, &sheet.heads)?;
    let words = Words::new(&args.words)?;
    let reading = Reading {
        mapping: &mapping,
        words: &words,
        date_format: args.date_format.as_deref(),
        source: args.source.as_deref().unwrap_or(format.name),
    };
    let (mut drafts, faults) = reading.drafts(&sheet.rows);
    sheet.faults.extend(faults);
    let all = drafts.len();
    drafts.retain(|draft| args.archived || !draft.archived);
    let put_away = all - drafts.len();

    let client = Client::new(args.account.server()?)?;
    let into = match &args.project {
        Some(project) => Some(find::project(&client, project).await?),
        None => None,
    };
    let mut plan = Plan::new(&client, drafts, into).await?;
    sheet.faults.extend(plan.faults());
    sheet.faults.sort_by_key(|fault| fault.line);
    plan.drafts.retain(|draft| sheet.faults.binary_search_by_key(&draft.line, |fault| fault.line).is_err());

    let (tasks, bad) = (count(plan.drafts.len(), "task"), count(sheet.faults.len(), "bad line"));
    say!("{} ({}): {tasks}, {bad}", args.file.display(), format.name)?;
    if put_away > 0 {
        say!("left out, for they were put away: {put_away} (--archived imports them)")?;
    }
    show(&mapping, &sheet.heads)?;
    show_words(&plan.drafts)?;
    plan.show()?;
    judge(&args.file, &sheet.faults, args.on_error)?;
    if args.dry_run {
        return say!("Nothing was imported: this was a dry run.");
    }
    confirm(args.yes, plan.drafts.len())?;
    let started = Instant::now();
    let items = plan.carry_out(&client).await?;
    bring_in(&client, &args.file, items, sheet.faults.len(), started, after::tell(&client, &plan.drafts)).await
}

fn show(mapping: &Mapping, heads: &[String]) -> anyhow::Result<()> {
    let mut table = Table::new(["field", "column"]);
    for (field, columns) in mapping.shown(heads) {
        table.row([field.to_owned(), columns]);
    }
    table.print()?;
    let unused = mapping.unused(heads);
    if unused.is_empty() { Ok(()) } else { say!("not imported: {}", harmless(&unused.join(", "))) }
}

/// How many tasks there are of each status and priority.
fn show_words(drafts: &[Draft]) -> anyhow::Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for draft in drafts {
        *counts.entry(draft.status.unwrap_or_default().as_str()).or_default() += 1;
    }
    let counts: Vec<String> = counts.into_iter().map(|(status, count)| format!("{count} {status}")).collect();
    if counts.is_empty() { Ok(()) } else { say!("statuses: {}", counts.join(", ")) }
}

fn confirm(yes: bool, tasks: usize) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    ensure!(std::io::stdin().is_terminal(), "nobody can be asked: look at a --dry-run, then say --yes");
    let said = ask(&format!("Import {} like this? [y/N] ", count(tasks, "task")))?;
    ensure!(matches!(said.to_lowercase().as_str(), "y" | "yes"), "nothing was imported");
    Ok(())
}
