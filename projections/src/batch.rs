//! One batch: load what the events touch, fold, and write rows and checkpoints in one transaction, sent in one flight.

use std::collections::HashSet;

use docket_domain::Recorded;
use futures::future::{BoxFuture, FutureExt, join_all};
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::Error;
use crate::checkpoint::{self, Checkpoint, Move};
use crate::db::Session;
use crate::error::{passes, story};
use crate::model::ReadModel;
use crate::parked;
use crate::rows::Rows;

/// Why a batch was not written. Nothing of it was.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Somebody else has moved a checkpoint, or changed a model.
    Moved,
    /// An event can't be taken in, whoever tries and whenever.
    Poison { story: String },
    /// Anything that may pass.
    Failed(Error),
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        if checkpoint::has_moved(&error) {
            Self::Moved
        } else if passes(&error) {
            Self::Failed(error.into())
        } else {
            Self::Poison { story: story(&error) }
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The streams whose events are parked, by model.
pub(crate) type ParkedStreams = HashSet<(&'static str, Uuid)>;

/// How much is taken for granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// What an aggregate's first event brings is new, as long as checkpoints tell the truth.
    Brisk,
    /// Nothing: everything is looked up first. Events that were taken in before are found out and change nothing.
    Careful,
}

/// Takes `events` into `model`, and answers the rows this makes.
pub(crate) async fn fold(
    session: &mut Session,
    model: &mut dyn ReadModel,
    events: &[Recorded],
    skip: &ParkedStreams,
    care: Care,
) -> Result<Vec<Rows>, Fault> {
    let name = model.name();
    let wanted = |event: &&Recorded| !skip.contains(&(name, event.stream));
    let relevant: Vec<_> = events.iter().filter(|event| model.wants(event)).filter(wanted).collect();
    load(session, model, &relevant, care).await?;
    for event in relevant {
        if let Err(error) = model.apply(event) {
            return Err(Fault::Poison { story: format!("position {}: {error}", event.position) });
        }
    }
    Ok(match care {
        Care::Brisk => model.rows(),
        Care::Careful => model.rows().into_iter().map(Rows::carefully).collect(),
    })
}

async fn load(session: &mut Session, model: &mut dyn ReadModel, events: &[&Recorded], care: Care) -> Result<(), Fault> {
    let Some(sql) = model.load_sql() else { return Ok(()) };
    let mut new = HashSet::new();
    let mut lacking = HashSet::new();
    for event in events {
        if event.version == 1 && care == Care::Brisk {
            new.insert(event.stream);
        } else if !new.contains(&event.stream) {
            lacking.insert((event.workspace.0, event.stream));
        }
    }
    if lacking.is_empty() {
        return Ok(());
    }
    let (workspaces, ids): (Vec<Uuid>, Vec<Uuid>) = lacking.into_iter().unzip();
    for row in session.rows(sql, &[&workspaces, &ids]).await? {
        let loaded = model.loaded(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        loaded.map_err(|error| Fault::Failed(Error::Bug(error.to_string())))?;
    }
    Ok(())
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It counts.
    Commit,
    /// It was only to see whether it would.
    Rollback,
}

/// Writes rows and moves checkpoints: one transaction, one flight.
pub(crate) async fn write(
    session: &mut Session,
    checkpoints: &[Checkpoint],
    to: &Move,
    rows: &[Rows],
    end: End,
) -> Result<(), Fault> {
    let move_to = session.prepare(&checkpoint::move_sql(checkpoints)).await?;
    let mut statements: Vec<Statement> = Vec::with_capacity(rows.len());
    for rows in rows {
        statements.push(session.prepare(&rows.sql()).await?);
    }
    let client = session.client();
    let moved: [&(dyn ToSql + Sync); 5] = [&to.partition, &to.from, &to.to, &to.epochs, &to.recorded_at];
    let arrays: Vec<_> = rows.iter().map(Rows::arrays).collect();
    // Polled in this order, so sent in this order. After a failure the server refuses what follows, and the commit at
    // the end becomes a rollback.
    let mut flight: Vec<BoxFuture<'_, Result<(), tokio_postgres::Error>>> = Vec::with_capacity(rows.len() + 3);
    flight.push(client.batch_execute("begin").boxed());
    flight.push(async { client.execute(&move_to, &moved).await.map(drop) }.boxed());
    for (statement, params) in statements.iter().zip(&arrays) {
        flight.push(async move { client.execute(statement, params).await.map(drop) }.boxed());
    }
    flight.push(client.batch_execute(if end == End::Commit { "commit" } else { "rollback" }).boxed());
    for outcome in join_all(flight).await {
        outcome?;
    }
    Ok(())
}

/// The rows that park those of `events` that belong to a parked stream, for one model.
pub(crate) fn wait_behind(model: &dyn ReadModel, events: &[Recorded], parked: &ParkedStreams) -> Rows {
    let mut rows = parked::rows();
    let name = model.name();
    for event in events.iter().filter(|event| model.wants(event) && parked.contains(&(name, event.stream))) {
        rows.push(parked::row(name, event, None));
    }
    rows
}
