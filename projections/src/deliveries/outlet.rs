//! How far each partition was carried to consumers on NATS.

use docket_domain::ids::WorkspaceId;
use uuid::Uuid;

use super::Deliveries;
use crate::Error;

/// How long a lease lasts without being renewed, in seconds.
const SECONDS: f64 = 5.0;

impl Deliveries {
    /// The partitions with something to carry that `holder` leads: how far each is, and its head. What happened before
    /// there was an outlet is not carried.
    pub async fn outlets(&self, holder: Uuid) -> Result<Vec<(i16, i64, i64)>, Error> {
        let mut session = self.session().await?;
        let begin = "insert into outlets (partition, position) select partition, position from log.heads h \
                     where not exists (select from outlets o where o.partition = h.partition) on conflict do nothing";
        session.rows(begin, &[]).await?;
        let sql = "select h.partition, o.position, h.position from log.heads h \
                   join outlets o on o.partition = h.partition and o.position < h.position \
                   where log.take_lease('outlet/' || h.partition, $1, $2) is not null order by h.partition";
        let rows = session.rows(sql, &[&holder, &SECONDS]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
    }

    /// Whose events there are between these positions.
    pub async fn workspaces(&self, partition: i16, from: i64, to: i64) -> Result<Vec<WorkspaceId>, Error> {
        let sql = "select distinct workspace from log.events where partition = $1 and position > $2 and position <= $3";
        let rows = self.session().await?.rows(sql, &[&partition, &from, &to]).await?;
        rows.iter().map(|row| Ok(WorkspaceId(row.try_get(0)?))).collect()
    }

    /// A partition is carried up to `to`, unless somebody else has carried it on.
    pub async fn carried(&self, partition: i16, from: i64, to: i64) -> Result<(), Error> {
        let sql = "update outlets set position = $3 where partition = $1 and position = $2";
        self.session().await?.rows(sql, &[&partition, &from, &to]).await?;
        Ok(())
    }
}
