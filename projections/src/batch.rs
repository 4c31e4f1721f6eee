//! From events to rows: what has to be loaded first, the fold, and what can go wrong.

use std::collections::HashSet;

use docket_domain::Recorded;
use docket_failpoints::failpoint;
use uuid::Uuid;

use crate::Error;
use crate::checkpoint;
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

/// Those of `events` that a model takes in: it has a use for them, and they do not belong to a parked stream.
pub(crate) fn relevant<'a>(model: &dyn ReadModel, events: &'a [Recorded], parked: &ParkedStreams) -> Vec<&'a Recorded> {
    let name = model.name();
    let free = |event: &&Recorded| parked.is_empty() || !parked.contains(&(name, event.stream));
    events.iter().filter(|event| model.wants(event)).filter(free).filter(|_| !failpoint!("skips-an-event")).collect()
}

/// The aggregates (workspace, id) whose documents must be loaded before these events can be taken in.
pub(crate) fn lacking(model: &dyn ReadModel, events: &[&Recorded], care: Care) -> Vec<(Uuid, Uuid)> {
    if model.load_sql().is_none() {
        return Vec::new();
    }
    let mut new = HashSet::new();
    let mut lacking = HashSet::new();
    for event in events {
        if event.version == 1 && care == Care::Brisk {
            new.insert(event.stream);
        } else if !new.contains(&event.stream) && model.lacks(event.stream) {
            lacking.insert((event.workspace.0, event.stream));
        }
    }
    lacking.into_iter().collect()
}

/// Loads documents.
pub(crate) async fn load(
    session: &mut Session,
    model: &mut dyn ReadModel,
    lacking: Vec<(Uuid, Uuid)>,
) -> Result<(), Fault> {
    let Some(sql) = model.load_sql().filter(|_| !lacking.is_empty()) else { return Ok(()) };
    let (workspaces, ids): (Vec<Uuid>, Vec<Uuid>) = lacking.into_iter().unzip();
    for row in session.rows(sql, &[&workspaces, &ids]).await? {
        let loaded = model.loaded(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        loaded.map_err(|error| Fault::Failed(Error::Bug(error.to_string())))?;
    }
    Ok(())
}

/// Takes events in, and answers the rows this makes.
pub(crate) fn fold(model: &mut dyn ReadModel, events: &[&Recorded], care: Care) -> Result<Vec<Rows>, Fault> {
    for event in events {
        if let Err(error) = model.apply(event) {
            return Err(Fault::Poison { story: format!("position {}: {error}", event.position) });
        }
    }
    Ok(match care {
        Care::Brisk => model.rows(),
        Care::Careful => model.rows().into_iter().map(Rows::carefully).collect(),
    })
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
