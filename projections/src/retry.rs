//! Taking in what was parked, once the reason is gone: all parked events of an aggregate, in order, in one transaction.

use docket_domain::Recorded;
use uuid::Uuid;

use crate::admin::Projections;
use crate::batch::{Care, Fault, fold, lacking, load};
use crate::db::Session;
use crate::log::{COLUMNS, recorded};
use crate::model::blank;
use crate::{Error, NAMES};

/// What became of one aggregate's parked events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retried {
    /// The model.
    pub model: String,
    /// The aggregate.
    pub stream: Uuid,
    /// How many events were taken in.
    pub events: usize,
    /// Why they still can't be; they stay parked.
    pub failed: Option<String>,
}

impl Projections {
    /// Tries all that is parked once more, or only what belongs to one aggregate.
    pub async fn retry(&self, only: Option<Uuid>) -> Result<Vec<Retried>, Error> {
        let mut session = self.pool.get().await?;
        let sql = "select distinct model, partition, stream from read.parked where $1::uuid is null or stream = $1 \
                   order by model, partition, stream";
        let mut results = Vec::new();
        for row in session.rows(sql, &[&only]).await? {
            let (name, partition, stream): (&str, i16, Uuid) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let Some(model) = NAMES.into_iter().find(|model| *model == name) else { continue };
            results.push(one(&mut session, model, partition, stream).await?);
        }
        Ok(results)
    }
}

async fn one(session: &mut Session, model: &'static str, partition: i16, stream: Uuid) -> Result<Retried, Error> {
    session.client().batch_execute("begin").await?;
    let (events, failed, end) = match take_in(session, model, partition, stream).await {
        Ok(events) => (events, None, "commit"),
        Err(Fault::Poison { story }) => (0, Some(story), "rollback"),
        Err(fault) => {
            session.client().batch_execute("rollback").await?;
            return Err(match fault {
                Fault::Failed(error) => error,
                _ => Error::Unavailable("the model was changed meanwhile: try again".to_owned()),
            });
        }
    };
    session.client().batch_execute(end).await?;
    Ok(Retried { model: model.to_owned(), stream, events, failed })
}

async fn take_in(session: &mut Session, model: &'static str, partition: i16, stream: Uuid) -> Result<usize, Fault> {
    // Holds the projector still, and lets it know that what it knows of parked events is out of date.
    let hold = format!("update {model}_at set epoch = epoch + 1 where partition = $1");
    session.rows(&hold, &[&partition]).await?;
    let taken = "delete from read.parked where model = $1 and partition = $2 and stream = $3 returning position";
    let taken = session.rows(taken, &[&model, &partition, &stream]).await?;
    let positions: Vec<i64> = taken.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    // The log is the truth, also of what was parked.
    let sql = format!("select {COLUMNS} from log.events where partition = $1 and position = any($2) order by position");
    let rows = session.rows(&sql, &[&partition, &positions]).await?;
    let events: Vec<Recorded> = rows.iter().map(|row| recorded(row, 0)).collect::<Result<_, _>>()?;
    let mut fresh = blank(model).ok_or(Fault::Moved)?;
    let all: Vec<&Recorded> = events.iter().collect();
    let lacking = lacking(&*fresh, &all, Care::Careful);
    load(session, &mut *fresh, lacking).await?;
    for rows in fold(&mut *fresh, &all, Care::Careful)? {
        session.rows(&rows.sql(), &rows.arrays()).await?;
    }
    Ok(events.len())
}
