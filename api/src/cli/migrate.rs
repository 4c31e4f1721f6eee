//! `docket migrate`

use super::out::{note, say};
use crate::config::Database;
use crate::migrate::{PARTITIONS, migrate_with};

/// Bring a database up to this version's schema.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    database: Database,
    /// Partitions of the log; fixed once the database is initialised. More let more workspaces write side by side.
    #[arg(long, default_value_t = PARTITIONS, value_parser = clap::value_parser!(i16).range(1..=1024))]
    partitions: i16,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let migrated = migrate_with(&args.database.database_url, args.partitions).await?;
    let partitions = migrated.partitions;
    match migrated.warning() {
        // As far as whoever starts this version again is concerned, all is well.
        Some(warning) => note!("docket: warning: {warning}"),
        None => say!("The database is at this version's schema, with {partitions} partitions.")?,
    }
    if partitions != args.partitions {
        say!("(It was initialised with {partitions}; that can't be changed.)")?;
    }
    Ok(())
}
