//! The phases of a project: stretches of its work, in an order that people choose.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Error, Event, PhaseChanges, Project};
use crate::ids::PhaseId;

/// How many phases a project may have.
pub const MOST_PHASES: usize = 100;

/// A phase of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Phase {
    /// Its id.
    pub id: PhaseId,
    /// Its name.
    pub name: String,
    /// Its first day.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub start_date: Option<NaiveDate>,
    /// Its last day.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub end_date: Option<NaiveDate>,
}

pub(super) fn add(project: &Project, phase: &Phase, place: Option<usize>) -> Result<Vec<Event>, Error> {
    if project.phases.len() >= MOST_PHASES {
        return Err(Error::TooManyPhases);
    }
    if project.phases.iter().any(|other| other.id == phase.id) {
        return Err(Error::AlreadyExists);
    }
    check(phase)?;
    let ids = project.phases.iter().map(|phase| phase.id).chain([phase.id]).collect();
    let ordered = moved(ids, project.phases.len(), place);
    Ok(std::iter::once(Event::PhaseAdded(phase.clone())).chain(ordered).collect())
}

pub(super) fn change(project: &Project, id: PhaseId, changes: &PhaseChanges) -> Result<Vec<Event>, Error> {
    let from = place_of(project, id)?;
    let now = &project.phases[from];
    let next = Phase {
        id,
        name: changes.name.clone().unwrap_or_else(|| now.name.clone()),
        start_date: changes.start_date.unwrap_or(now.start_date),
        end_date: changes.end_date.unwrap_or(now.end_date),
    };
    check(&next)?;
    let changed = (next != *now).then_some(Event::PhaseChanged(next));
    let ids = project.phases.iter().map(|phase| phase.id).collect();
    Ok(changed.into_iter().chain(moved(ids, from, changes.place)).collect())
}

pub(super) fn remove(project: &Project, id: PhaseId) -> Result<Vec<Event>, Error> {
    place_of(project, id)?;
    Ok(vec![Event::PhaseRemoved { phase_id: id }])
}

fn place_of(project: &Project, id: PhaseId) -> Result<usize, Error> {
    project.phases.iter().position(|phase| phase.id == id).ok_or(Error::NotFound)
}

fn check(phase: &Phase) -> Result<(), Error> {
    match (phase.start_date, phase.end_date) {
        (Some(start), Some(end)) if end < start => Err(Error::PhaseEndsBeforeStart),
        _ => Ok(()),
    }
}

/// The order in which the one at `from` is at `to`, or the last if there is no such place.
fn moved(mut ids: Vec<PhaseId>, from: usize, to: Option<usize>) -> Option<Event> {
    let to = to?.min(ids.len() - 1);
    if to == from {
        return None;
    }
    let id = ids.remove(from);
    ids.insert(to, id);
    Some(Event::PhasesOrdered { phase_ids: ids })
}
