//! Bringing a database up to this program's schema. One that a newer program has brought further stays as it is: while
//! that one takes this one's place, or gives it back, this one may be started again.

use std::str::FromStr;

use anyhow::Context;
use sqlx::PgConnection;
use sqlx::migrate::Migrate;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// How many partitions a new database gets unless told otherwise.
pub const PARTITIONS: i16 = 8;

/// A database that has all that this program needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// How many partitions its log has.
    pub partitions: i16,
    /// The migrations that this program does not know, by their numbers: a newer version has been here.
    pub newer: Vec<i64>,
}

impl Migrated {
    /// What is to be said of it, if it is ahead of this program.
    pub fn warning(&self) -> Option<String> {
        let ahead = !self.newer.is_empty();
        ahead.then(|| {
            format!(
                "the database was migrated by a newer version, and is left as it is: this one does not know its \
                 migrations {}",
                list(&self.newer)
            )
        })
    }
}

/// Migrates a database, initialising a new one.
pub async fn migrate(database_url: &str) -> anyhow::Result<Migrated> {
    let migrated = migrate_with(database_url, PARTITIONS).await?;
    if let Some(warning) = migrated.warning() {
        tracing::warn!("{warning}");
    }
    Ok(migrated)
}

/// Migrates a database, initialising a new one with so many partitions.
pub async fn migrate_with(database_url: &str, partitions: i16) -> anyhow::Result<Migrated> {
    let options = PgConnectOptions::from_str(database_url).context("DATABASE_URL is not a PostgreSQL URL")?;
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.context(
        "can't connect to PostgreSQL: check DATABASE_URL, and that the server is running and lets this user in",
    )?;
    let mut connection = pool.acquire().await?;
    let newer = bring_up(&mut connection).await.context("the database can't be migrated")?;
    drop(connection);
    let partitions = docket_commands::log::initialise(&pool, partitions, &rand::random()).await?;
    pool.close().await;
    Ok(Migrated { partitions, newer })
}

/// Brings a database up; answers the migrations that are beyond this program.
async fn bring_up(connection: &mut PgConnection) -> anyhow::Result<Vec<i64>> {
    let mut known = sqlx::migrate!("../migrations");
    known.set_ignore_missing(true);
    // From looking until all is done nobody else may migrate. It is given back with the connection, if not before.
    known.set_locking(false);
    connection.lock().await?;
    connection.ensure_migrations_table().await?;
    let applied: Vec<_> = connection.list_applied_migrations().await?.iter().map(|one| one.version).collect();
    let newer: Vec<_> = applied.iter().copied().filter(|version| !known.version_exists(*version)).collect();
    let lacking: Vec<_> = known.iter().map(|one| one.version).filter(|version| !applied.contains(version)).collect();
    anyhow::ensure!(
        newer.is_empty() || lacking.is_empty(),
        "it was migrated by a version that is neither older nor newer than this one: it has {}, which this one does not \
         know, and lacks {}. Migrate it with a version that has all of them",
        list(&newer),
        list(&lacking)
    );
    known.run(&mut *connection).await?;
    connection.unlock().await?;
    Ok(newer)
}

/// Migrations as their files are numbered.
fn list(versions: &[i64]) -> String {
    versions.iter().map(|version| format!("{version:04}")).collect::<Vec<_>>().join(", ")
}
