//! How far the read models are behind the log, and whoever else follows it.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio_postgres::Statement;

use crate::database::Database;

const MODELS: &str = r"select substr(n.nspname, 6) from pg_namespace n
    join pg_class c on c.relnamespace = n.oid and c.relname = substr(n.nspname, 6) || '_at'
    where n.nspname like 'read\_%' order by 1";

/// Who publishes, tells, and carries to consumers what has happened. That goes on when the read models have everything.
const OTHERS: &str = "select coalesce(max(h.position - a.position), 0)::bigint from log.heads h join (
        select partition, position from log.relays
        union all select partition, position from log.tellers
        union all select partition, position from webhooks.outlets) a using (partition)";

/// Knows where every read model keeps its checkpoint.
pub struct Progress {
    database: Database,
    lag: Statement,
    others: Statement,
    /// The read models.
    pub models: Vec<String>,
}

impl Progress {
    /// Looks which read models there are.
    pub async fn of(database: &Database) -> Result<Self> {
        let database = database.another().await?;
        let models: Vec<String> = database.query(MODELS, &[]).await?.iter().map(|row| row.get(0)).collect();
        if models.is_empty() {
            bail!("there are no read models in this database");
        }
        let each = models.iter().map(|model| {
            format!(
                "select max(h.position - coalesce(a.position, 0)) as lag
                 from log.heads h left join read_{model}.{model}_at a using (partition)"
            )
        });
        let each = each.collect::<Vec<_>>().join(" union all ");
        let lag = database.prepare(&format!("select coalesce(max(lag), 0)::bigint from ({each}) every")).await?;
        let others = database.prepare(OTHERS).await?;
        Ok(Self { database, lag, others, models })
    }

    /// Waits until every read model has everything, and tells how long that took.
    pub async fn caught_up(&self) -> Result<Duration> {
        self.none_behind(&self.lag).await
    }

    /// Waits until nothing is done any more for what was written.
    pub async fn settled(&self) -> Result<()> {
        self.none_behind(&self.others).await?;
        self.caught_up().await.map(drop)
    }

    async fn none_behind(&self, lag: &Statement) -> Result<Duration> {
        let start = Instant::now();
        let (mut best, mut since) = (i64::MAX, start);
        loop {
            let lag: i64 = self.database.query_one(lag, &[]).await?.get(0);
            if lag == 0 {
                return Ok(start.elapsed());
            }
            if lag < best {
                (best, since) = (lag, Instant::now());
            } else if since.elapsed() > Duration::from_secs(30) {
                bail!("what follows the log has stopped {lag} events short of its head");
            }
            tokio::time::sleep(Duration::from_millis(if lag < 10_000 { 2 } else { 20 })).await;
        }
    }
}
