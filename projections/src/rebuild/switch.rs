//! New becomes live, live becomes old: one transaction, no table locked for readers.

use tokio_postgres::{Client, Transaction};

use super::{Rebuild, next_schema};
use crate::Error;
use crate::model::live_schema;
use crate::partition::Partition;

impl Rebuild<'_> {
    /// Holds the live projector still, takes in the last bit, and renames.
    pub(super) async fn switch(&self, partitions: &mut [Partition]) -> Result<(), Error> {
        let mut owner = self.home.owner().await?;
        owner.batch_execute("set lock_timeout = '10s'; set synchronous_commit = on").await?;
        let transaction = owner.transaction().await?;
        let live = self.hold(&transaction).await?;
        for (partition, position) in partitions.iter_mut().zip(live) {
            while partition.position().await? < position {
                partition.follow(position).await?;
                partition.settle().await?;
            }
        }
        for model in self.models.iter() {
            self.rename(&transaction, model).await?;
        }
        // Everything could be taken in, so nothing is parked any more.
        let models: Vec<&str> = self.models.to_vec();
        transaction.execute("delete from read.parked where model = any($1)", &[&models]).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Keeps projectors from moving on, in the order in which they lock themselves; readers are not held up. Answers
    /// how far they are, by partition.
    async fn hold(&self, transaction: &Transaction<'_>) -> Result<Vec<i64>, Error> {
        for model in self.models.iter() {
            let lock = format!("lock table {}.{model}_at in share row exclusive mode", live_schema(model));
            transaction.batch_execute(&lock).await?;
        }
        let each: Vec<_> = self
            .models
            .iter()
            .map(|model| format!("select partition, position from {}.{model}_at", live_schema(model)))
            .collect();
        let sql = format!(
            "select coalesce(max(p.position), 0) from log.heads h left join ({}) p on p.partition = h.partition \
             group by h.partition order by h.partition",
            each.join(" union all ")
        );
        transaction.query(&sql, &[]).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    async fn rename(&self, transaction: &Transaction<'_>, model: &str) -> Result<(), Error> {
        let (live, next) = (live_schema(model), next_schema(model));
        let old = free_name(transaction, &live).await?;
        // Whoever still looks at the old tables, a reader or a projector, learns from the checkpoint that it is too late.
        let sql = format!(
            "update {next}.{model}_at n set epoch = o.epoch + 1 from {live}.{model}_at o \
             where o.partition = n.partition; \
             update {live}.{model}_at set position = -1, epoch = epoch + 1; \
             alter schema {live} rename to {old}; alter schema {next} rename to {live}"
        );
        Ok(transaction.batch_execute(&sql).await?)
    }
}

async fn free_name(transaction: &Transaction<'_>, live: &str) -> Result<String, Error> {
    let sql = "select 1 + count(*) from pg_namespace where nspname like $1 || '\\_old\\_%'";
    let mut number: i64 = transaction.query_one(sql, &[&live]).await?.try_get(0)?;
    loop {
        let name = format!("{live}_old_{number}");
        if transaction.query_opt("select 1 from pg_namespace where nspname = $1", &[&name]).await?.is_none() {
            return Ok(name);
        }
        number += 1;
    }
}

/// Drops what rebuilds have left behind. Answers the schemas.
pub(crate) async fn drop_old(owner: &Client) -> Result<Vec<String>, Error> {
    let sql = "select nspname::text from pg_namespace where nspname ~ '^read_[a-z]+_old_[0-9]+$' order by nspname";
    let mut dropped = Vec::new();
    for row in owner.query(sql, &[]).await? {
        let name: String = row.try_get(0)?;
        owner.batch_execute(&format!("drop schema {name} cascade")).await?;
        dropped.push(name);
    }
    Ok(dropped)
}
