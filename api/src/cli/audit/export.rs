//! `docket audit export`

use std::path::{Path, PathBuf};

use anyhow::Context;
use docket_projections::{Exported, Projections};
use tokio::io::BufWriter;
use uuid::Uuid;

use crate::cli::out;
use crate::config::Database;

/// What to write, and where.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    database: Database,
    /// The workspace; the only one, unless said otherwise.
    #[arg(long)]
    workspace: Option<Uuid>,
    /// The file; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let projections = Projections::connect(&args.database.database_url).await?;
    let file = &args.output;
    anyhow::ensure!(!file.exists(), "{} is there already: name another file", file.display());
    let workspace = match args.workspace {
        Some(workspace) => workspace,
        None => only(&projections.workspaces().await?)?,
    };
    let draft = file.with_added_extension("part");
    let bar = super::bar()?;
    let show = |Exported { events, of }: Exported| {
        bar.set_length(of);
        bar.set_position(events);
    };
    let written = write(&projections, workspace, &draft, &show).await;
    bar.finish_and_clear();
    if written.is_err() {
        // Half a bundle is worth nothing; what failed is the better story.
        let _ = tokio::fs::remove_file(&draft).await;
    }
    let counts = written?;
    tokio::fs::rename(&draft, file).await.with_context(|| format!("can't write {}", file.display()))?;
    out::say!("{}: {} events, {} documents.", file.display(), counts.events, counts.documents)
}

/// The one that there is.
fn only(workspaces: &[Uuid]) -> anyhow::Result<Uuid> {
    match workspaces {
        [only] => Ok(*only),
        [] => anyhow::bail!("there is no workspace in this database, or nothing of it is witnessed yet"),
        several => {
            let listed: Vec<_> = several.iter().map(|id| format!("  --workspace {id}")).collect();
            anyhow::bail!("there are several workspaces here: say which\n{}", listed.join("\n"))
        }
    }
}

async fn write(
    projections: &Projections,
    workspace: Uuid,
    draft: &Path,
    show: &(dyn Fn(Exported) + Sync),
) -> anyhow::Result<docket_domain::audit::bundle::Counts> {
    let out = tokio::fs::File::create(draft).await.with_context(|| format!("can't write {}", draft.display()))?;
    Ok(projections.export(workspace, BufWriter::with_capacity(1 << 20, out), show).await?)
}
