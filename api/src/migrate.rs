//! Bringing a database up to this program's schema.

use std::str::FromStr;

use anyhow::Context;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// How many partitions a new database gets unless told otherwise.
pub const PARTITIONS: i16 = 8;

/// Migrates a database, initialising a new one.
pub async fn migrate(database_url: &str) -> anyhow::Result<()> {
    migrate_with(database_url, PARTITIONS).await.map(drop)
}

/// Migrates a database, initialising a new one with so many partitions; answers how many it has.
pub async fn migrate_with(database_url: &str, partitions: i16) -> anyhow::Result<i16> {
    let options = PgConnectOptions::from_str(database_url).context("DATABASE_URL is not a PostgreSQL URL")?;
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.context(
        "can't connect to PostgreSQL: check DATABASE_URL, and that the server is running and lets this user in",
    )?;
    sqlx::migrate!("../migrations").run(&pool).await.context("the database can't be migrated")?;
    let found = docket_commands::log::initialise(&pool, partitions, &rand::random()).await?;
    pool.close().await;
    Ok(found)
}
