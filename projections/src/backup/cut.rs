//! A moment at which the read models are as far as the log. Writers wait for it a few milliseconds.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::Error;
use crate::admin::Projections;
use crate::model::{NAMES, live_schema};

/// How long the read models are waited for, and how long writers are kept waiting at most.
const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(5);

impl Projections {
    /// A connection that sees the database as it is at such a moment. As whom it reads is for the caller to say.
    pub(super) async fn cut(&self, workspace: Option<Uuid>) -> Result<Client, Error> {
        let partition = workspace.map(|id| crate::guard::partition_of(id.into(), self.partitions));
        let which = partition.map_or_else(|| "true".to_owned(), |partition| format!("h.partition = {partition}"));
        let (keeper, client) = (self.address.connect().await?, self.address.connect().await?);
        self.unparked(&client, workspace).await?;
        // As near as can be without keeping anybody waiting.
        self.even(&client, &which, 1_000).await?;
        keeper.batch_execute(&format!("begin; select from log.heads h where {which} for update")).await?;
        self.even(&client, &which, 0).await?;
        client
            .batch_execute(
                "begin isolation level repeatable read read only; select from log.heads; set local jit = off",
            )
            .await?;
        keeper.batch_execute("rollback").await?;
        Ok(client)
    }

    async fn unparked(&self, client: &Client, workspace: Option<Uuid>) -> Result<(), Error> {
        let sql = "select count(*) from read.parked where $1::uuid is null or workspace = $1";
        match client.query_one(sql, &[&workspace]).await?.try_get(0)? {
            0_i64 => Ok(()),
            parked => Err(Error::Unavailable(format!(
                "{parked} events are parked, so the read models don't say what the log says: run `docket projections \
                 retry` first"
            ))),
        }
    }

    /// Waits until no read model is further behind than this.
    async fn even(&self, client: &Client, which: &str, lag: i64) -> Result<(), Error> {
        let each = NAMES.iter().map(|name| {
            format!(
                "select h.position - coalesce(a.position, 0) as lag from log.heads h \
                 left join {}.{name}_at a on a.partition = h.partition where {which}",
                live_schema(name)
            )
        });
        let sql = format!("select max(lag) from ({}) each", each.collect::<Vec<_>>().join(" union all "));
        let deadline = Instant::now() + PATIENCE;
        while client.query_one(&sql, &[]).await?.try_get::<_, Option<i64>>(0)? > Some(lag) {
            if Instant::now() > deadline {
                return Err(Error::Unavailable(
                    "the read models are behind the log: is a projector running?".to_owned(),
                ));
            }
            sleep(POLL).await;
        }
        Ok(())
    }
}
