//! How far each model is in a partition, and how that is moved: by compare-and-set, in the transaction that writes the
//! rows. Whoever has read an older state of affairs fails as a whole, so two projectors of one partition do no harm.

use chrono::{DateTime, Utc};
use tokio_postgres::types::ToSql;

use crate::Error;
use crate::db::Session;

/// One model's place in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// The model.
    pub(crate) model: &'static str,
    /// The last position it has taken in.
    pub(crate) position: i64,
    /// Raised when the model is changed by anything but projecting.
    pub(crate) epoch: i64,
}

/// SQLSTATE of `read.must_hold`.
const MOVED: &str = "40001";

/// Makes sure that these models have a checkpoint in every partition.
pub(crate) async fn ensure(session: &mut Session, models: &[&'static str]) -> Result<(), Error> {
    for model in models {
        let sql = format!(
            "insert into {model}_at (partition, position) select partition, 0 from log.heads on conflict do nothing"
        );
        session.rows(&sql, &[]).await?;
    }
    Ok(())
}

/// These models' checkpoints in a partition.
pub(crate) async fn load(
    session: &mut Session,
    models: &[&'static str],
    partition: i16,
) -> Result<Vec<Checkpoint>, Error> {
    let each: Vec<_> = models
        .iter()
        .map(|model| format!("select '{model}', position, epoch from {model}_at where partition = $1"))
        .collect();
    let rows = session.rows(&each.join(" union all "), &[&partition]).await?;
    let mut found = Vec::with_capacity(models.len());
    for row in rows {
        let name: &str = row.try_get(0)?;
        if let Some(model) = models.iter().find(|model| **model == name) {
            found.push(Checkpoint { model, position: row.try_get(1)?, epoch: row.try_get(2)? });
        }
    }
    Ok(found)
}

/// The statement that moves `checkpoints` ($1 partition, $2 from, $3 to, $4 epochs, $5 `recorded_at` of the last event),
/// or fails.
pub(crate) fn move_sql(checkpoints: &[Checkpoint]) -> String {
    let updates: Vec<_> = checkpoints
        .iter()
        .enumerate()
        .map(|(at, checkpoint)| {
            format!(
                "m{at} as (update {}_at set position = $3, recorded_at = $5 where partition = $1 and position = $2 \
                 and epoch = ($4::int8[])[{}] returning 1)",
                checkpoint.model,
                at + 1
            )
        })
        .collect();
    let moved: Vec<_> = (0..checkpoints.len()).map(|at| format!("(select count(*) from m{at})")).collect();
    format!("with {} select read.must_hold({} = {})", updates.join(", "), moved.join(" + "), checkpoints.len())
}

/// The statement that makes sure that `checkpoints` are where they are believed to be ($1 partition, $2 position, $3
/// epochs) and stay there until the end of its transaction.
pub(crate) fn hold_sql(checkpoints: &[Checkpoint]) -> String {
    let held: Vec<_> = checkpoints
        .iter()
        .enumerate()
        .map(|(at, checkpoint)| {
            format!(
                "(select count(*) from (select 1 from {}_at where partition = $1 and position = $2 \
                 and epoch = ($3::int8[])[{}] for share) h{at})",
                checkpoint.model,
                at + 1
            )
        })
        .collect();
    format!("select read.must_hold({} = {})", held.join(" + "), checkpoints.len())
}

/// A move of checkpoints.
pub(crate) struct Move {
    pub(crate) partition: i16,
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) epochs: Vec<i64>,
    pub(crate) recorded_at: DateTime<Utc>,
}

impl Move {
    /// The parameters of [`move_sql`].
    pub(crate) fn params(&self) -> [&(dyn ToSql + Sync); 5] {
        [&self.partition, &self.from, &self.to, &self.epochs, &self.recorded_at]
    }

    /// The parameters of [`hold_sql`].
    pub(crate) fn holds(&self) -> [&(dyn ToSql + Sync); 3] {
        [&self.partition, &self.from, &self.epochs]
    }
}

/// Whether a transaction failed because the checkpoint was not where it was believed to be.
pub(crate) fn has_moved(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|state| state.code() == MOVED)
}
