//! `docket backup` and `docket restore`

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use docket_projections::{Checked, Moved, Projections};
use indicatif::ProgressBar;
use tokio::fs::File;
use tokio::io::{BufReader, BufWriter};
use uuid::Uuid;

use super::audit::bar;
use super::out::say;
use crate::config::Database;
use crate::migrate::migrate_with;

/// Write everything, or a workspace, into a file, as it is at one moment; while Docket runs.
#[derive(clap::Args)]
pub struct Backup {
    #[command(flatten)]
    database: Database,
    /// The file; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Only this workspace.
    #[arg(long)]
    workspace: Option<Uuid>,
}

/// Restore such a file into an empty database, and find it to be what it was.
#[derive(clap::Args)]
pub struct Restore {
    #[command(flatten)]
    database: Database,
    /// The file.
    file: PathBuf,
}

const BUFFER: usize = 1 << 20;

pub async fn backup(args: Backup) -> anyhow::Result<()> {
    let projections = Projections::connect(&args.database.database_url).await?;
    let file = &args.output;
    anyhow::ensure!(!file.exists(), "{} is there already: name another file", file.display());
    let draft = file.with_added_extension("part");
    let bar = bar()?;
    let written = write(&projections, args.workspace, &draft, &bar).await;
    bar.finish_and_clear();
    if written.is_err() {
        // Half a backup is worth nothing; what failed is the better story.
        let _ = tokio::fs::remove_file(&draft).await;
    }
    let events = written?;
    tokio::fs::rename(&draft, file).await.with_context(|| format!("can't write {}", file.display()))?;
    say!("{}: {events} events. Keep it as you keep the database: whoever has it has everything.", file.display())
}

async fn write(
    projections: &Projections,
    workspace: Option<Uuid>,
    draft: &Path,
    bar: &ProgressBar,
) -> anyhow::Result<u64> {
    let unwritable = || format!("can't write {}", draft.display());
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(draft);
    let file = File::from_std(file.with_context(unwritable)?);
    let out = BufWriter::with_capacity(BUFFER, file.try_clone().await.with_context(unwritable)?);
    let events = projections.backup(workspace, out, &|moved| show(bar, moved)).await?;
    file.sync_all().await.with_context(unwritable)?;
    Ok(events)
}

pub async fn restore(args: Restore) -> anyhow::Result<()> {
    let (url, bar) = (&args.database.database_url, bar()?);
    let restored = bring_back(url, &args.file, &bar).await;
    bar.finish_and_clear();
    let lines = restored?;
    say!("{}", lines.join("\n"))
}

/// First the file is read to its end, so that one that is not whole never touches the database.
async fn bring_back(url: &str, file: &Path, bar: &ProgressBar) -> anyhow::Result<Vec<String>> {
    let checked = Checked::read(open(file).await?, &|moved| show(bar, moved)).await?;
    let migrated = migrate_with(url, checked.header.partitions).await?;
    // What this version does not know of, it can't put in its place.
    anyhow::ensure!(migrated.newer.is_empty(), "a newer version has migrated the database: restore with that one");
    let projections = Projections::connect(url).await?;
    let restored = projections.restore(open(file).await?, &checked, &|moved| show(bar, moved)).await?;
    projections.rebuild(None, &|_| ()).await?;
    projections.drop_old().await?;
    let mut lines = vec![format!("{} events are restored, byte for byte.", restored.events)];
    lines.extend(
        restored.roots.iter().map(|(workspace, root)| format!("Workspace {workspace}: root {root}, as it was.")),
    );
    let others = checked.otherwise(&projections.digests(checked.header.workspace).await?);
    anyhow::ensure!(
        others.is_empty(),
        "{}\nBut the read models do not say what they said: {}",
        lines.join("\n"),
        others.join(", ")
    );
    lines.push("The read models are made anew, and say what they said.".to_owned());
    Ok(lines)
}

async fn open(file: &Path) -> anyhow::Result<BufReader<File>> {
    let open = File::open(file).await.with_context(|| format!("can't read {}", file.display()))?;
    Ok(BufReader::with_capacity(BUFFER, open))
}

fn show(bar: &ProgressBar, Moved { events, of }: Moved) {
    bar.set_length(of);
    bar.set_position(events);
}
