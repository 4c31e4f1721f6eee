//! Another clock for PostgreSQL. The system's own is everybody's and not to be touched: the functions that date events and
//! let leases run out are made to see one that is wrong.

use anyhow::Result;
use tokio_postgres::Client;

/// Found before the real one, by every function that looks.
const OTHER: &str = include_str!("clock.sql");

/// Sets it forward or back.
pub async fn step(database: &Client, seconds: i32) -> Result<()> {
    let there = database.query_one("select to_regclass('other.step') is not null", &[]).await?;
    if !there.get::<_, bool>(0) {
        database.batch_execute(&format!("begin; {OTHER} commit")).await?;
    }
    database.execute("update other.step set seconds = seconds + $1", &[&i64::from(seconds)]).await?;
    Ok(())
}
