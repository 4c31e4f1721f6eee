//! Which partitions this node leads. Leases are held for a few seconds and kept by renewing them; each node takes no more
//! than its share. A node that wrongly believes it still leads does no harm: checkpoints are moved by compare-and-set.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::Error;
use crate::db::Session;

/// How long a lease lasts without being renewed.
const SECONDS: f64 = 5.0;

/// The leases of one node.
pub(crate) struct Leases {
    holder: Uuid,
    partitions: i16,
    held: BTreeSet<i16>,
}

impl Leases {
    pub(crate) fn new(holder: Uuid, partitions: i16) -> Self {
        Self { holder, partitions, held: BTreeSet::new() }
    }

    /// The partitions this node leads, as far as it knows.
    pub(crate) fn held(&self) -> &BTreeSet<i16> {
        &self.held
    }

    /// Renews what is held, gives back what is too much, and takes what is free, up to this node's share.
    pub(crate) async fn renew(&mut self, session: &mut Session) -> Result<(), Error> {
        let share = self.share(session).await?;
        while self.held.len() > share {
            if let Some(partition) = self.held.pop_last() {
                self.give_back(session, partition).await?;
            }
        }
        let wanted: Vec<i16> = self.held.iter().copied().chain(0..self.partitions).collect();
        // What is held stays held until it is known what is taken: an error must not look like a loss.
        let mut taken = BTreeSet::new();
        for partition in wanted {
            if taken.len() < share && !taken.contains(&partition) && self.take(session, partition).await? {
                taken.insert(partition);
            }
        }
        self.held = taken;
        metrics::gauge!("docket_projection_partitions_led").set(self.held.len() as f64);
        Ok(())
    }

    /// Gives everything back, so that another node need not wait.
    pub(crate) async fn give_all_back(&mut self, session: &mut Session) -> Result<(), Error> {
        while let Some(partition) = self.held.pop_last() {
            self.give_back(session, partition).await?;
        }
        let gone = "delete from log.leases where name = $1";
        session.rows(gone, &[&format!("projector/{}", self.holder)]).await?;
        Ok(())
    }

    /// Says that this node is there, and sees how many are: its share is an equal part.
    async fn share(&self, session: &mut Session) -> Result<usize, Error> {
        let name = format!("projector/{}", self.holder);
        session.rows("select log.take_lease($1, $2, $3)", &[&name, &self.holder, &SECONDS]).await?;
        // One that would last longer than any does is from before the clock was set back.
        let count = "select count(*) from log.leases where name like 'projector/%' and expires_at > clock_timestamp() \
                     and expires_at <= clock_timestamp() + make_interval(secs => $1)";
        let nodes: i64 = match session.rows(count, &[&SECONDS]).await?.first() {
            Some(row) => row.try_get(0)?,
            None => 1,
        };
        let nodes = usize::try_from(nodes).unwrap_or(1).max(1);
        let stale = "delete from log.leases where name like 'projector/%' \
                     and expires_at < clock_timestamp() - interval '1 hour'";
        session.rows(stale, &[]).await?;
        Ok(usize::try_from(self.partitions).unwrap_or(0).div_ceil(nodes))
    }

    async fn take(&self, session: &mut Session, partition: i16) -> Result<bool, Error> {
        let sql = "select log.take_lease($1, $2, $3) is not null";
        let rows = session.rows(sql, &[&name(partition), &self.holder, &SECONDS]).await?;
        Ok(rows.first().map_or(Ok(false), |row| row.try_get(0))?)
    }

    async fn give_back(&self, session: &mut Session, partition: i16) -> Result<(), Error> {
        let sql = "update log.leases set expires_at = clock_timestamp() where name = $1 and holder = $2";
        session.rows(sql, &[&name(partition), &self.holder]).await?;
        Ok(())
    }
}

fn name(partition: i16) -> String {
    format!("project/{partition}")
}
