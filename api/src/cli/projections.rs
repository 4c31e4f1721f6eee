//! `docket projections`

use std::time::{Duration, Instant};

use docket_projections::{ModelState, Progress, Projections, Stage};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use uuid::Uuid;

use super::out::say;
use crate::config::Database;

/// Look after the read models.
#[derive(clap::Subcommand)]
pub enum Command {
    /// How far every model is, and what is parked.
    List(Plain),
    /// Build read models anew from the log, beside the live ones, then switch.
    Rebuild(Rebuild),
    /// The events that a model could not take in, and those that wait behind them.
    Parked(Plain),
    /// Try parked events again, in order: after an upgrade that can read them.
    Retry(Retry),
    /// Drop the old versions that rebuilds have left.
    DropOld(Plain),
}

/// No more than where the database is.
#[derive(clap::Args)]
pub struct Plain {
    #[command(flatten)]
    database: Database,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What to build anew.
#[derive(clap::Args)]
pub struct Rebuild {
    /// The models; all of them unless named.
    models: Vec<String>,
    #[command(flatten)]
    plain: Plain,
}

/// What to try again.
#[derive(clap::Args)]
pub struct Retry {
    /// Only this aggregate's events.
    aggregate: Option<Uuid>,
    #[command(flatten)]
    plain: Plain,
}

pub async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::List(args) => list(args).await,
        Command::Rebuild(args) => rebuild(args).await,
        Command::Parked(args) => parked(args).await,
        Command::Retry(args) => retry(args).await,
        Command::DropOld(args) => drop_old(args).await,
    }
}

impl Plain {
    async fn open(&self) -> anyhow::Result<Projections> {
        Ok(Projections::connect(&self.database.database_url).await?)
    }
}

async fn list(args: Plain) -> anyhow::Result<()> {
    let models = args.open().await?.list().await?;
    if args.json {
        for one in &models {
            let state = state(one.state);
            say!(
                "{}",
                json!({"model": one.model, "partition": one.partition, "position": one.position, "head": one.head,
                       "lag": one.lag(), "parked": one.parked, "recorded_at": one.recorded_at, "state": state})
            )?;
        }
        return Ok(());
    }
    say!("{:<10} {:>9} {:>12} {:>12} {:>8} {:>7}  state", "model", "partition", "position", "head", "lag", "parked")?;
    for one in &models {
        let (lag, state) = (one.lag(), state(one.state));
        say!(
            "{:<10} {:>9} {:>12} {:>12} {lag:>8} {:>7}  {state}",
            one.model,
            one.partition,
            one.position,
            one.head,
            one.parked
        )?;
    }
    Ok(())
}

fn state(state: ModelState) -> &'static str {
    match state {
        ModelState::Live => "live",
        ModelState::Rebuilding => "live, rebuilding",
        ModelState::OldKept => "live, old version kept",
    }
}

async fn rebuild(args: Rebuild) -> anyhow::Result<()> {
    let projections = args.plain.open().await?;
    let style = ProgressStyle::with_template("{prefix:>10} [{bar:40}] {human_pos}/{human_len} {per_sec} {eta}")?;
    let bar = ProgressBar::new(0).with_style(style.progress_chars("=> "));
    bar.enable_steady_tick(Duration::from_millis(200));
    let show = |Progress { stage, done, total }: Progress| {
        bar.set_prefix(match stage {
            Stage::Reading => "reading",
            Stage::Indexing => "indexing",
            Stage::Following => "following",
            Stage::Live => "live",
        });
        bar.set_length(total);
        bar.set_position(done);
    };
    let started = Instant::now();
    let models = (!args.models.is_empty()).then_some(args.models.as_slice());
    projections.rebuild(models, &show).await?;
    bar.finish_and_clear();
    let seconds = started.elapsed().as_secs_f64();
    if args.plain.json {
        say!("{}", json!({"seconds": seconds}))?;
    } else {
        say!("The new read models are live after {seconds:.1} s. `docket projections drop-old` drops the old ones.")?;
    }
    Ok(())
}

async fn parked(args: Plain) -> anyhow::Result<()> {
    let parked = args.open().await?.parked().await?;
    if parked.is_empty() && !args.json {
        say!("Nothing is parked.")?;
    }
    for one in parked {
        if args.json {
            say!(
                "{}",
                json!({"model": one.model, "partition": one.partition, "position": one.position,
                       "workspace": one.workspace, "aggregate": one.stream, "version": one.version,
                       "error": one.error, "parked_at": one.parked_at})
            )?;
        } else {
            let why = if one.error.is_empty() { "waits behind the one before" } else { &one.error };
            say!("{} {}-{} {} v{}: {why}", one.model, one.partition, one.position, one.stream, one.version)?;
        }
    }
    Ok(())
}

async fn retry(args: Retry) -> anyhow::Result<()> {
    let tried = args.plain.open().await?.retry(args.aggregate).await?;
    if tried.is_empty() && !args.plain.json {
        say!("Nothing is parked.")?;
    }
    let mut failed = 0;
    for one in tried {
        failed += usize::from(one.failed.is_some());
        if args.plain.json {
            say!(
                "{}",
                json!({"model": one.model, "aggregate": one.stream, "events": one.events, "failed": one.failed})
            )?;
        } else {
            let outcome = one.failed.as_deref().map_or("taken in".to_owned(), |why| format!("still parked: {why}"));
            say!("{} {}: {} events {outcome}", one.model, one.stream, one.events)?;
        }
    }
    anyhow::ensure!(failed == 0, "{failed} aggregates are still parked");
    Ok(())
}

async fn drop_old(args: Plain) -> anyhow::Result<()> {
    let dropped = args.open().await?.drop_old().await?;
    if args.json {
        say!("{}", json!({"dropped": dropped}))?;
    } else if dropped.is_empty() {
        say!("There is no old version.")?;
    } else {
        say!("Dropped {}.", dropped.join(", "))?;
    }
    Ok(())
}
