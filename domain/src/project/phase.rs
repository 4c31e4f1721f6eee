//! The phases of a project: stretches of its work, in an order that people choose.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Error, Event, PhaseChanges, Project};
use crate::ids::PhaseId;

/// How many phases a project may have, and of how many that were removed it knows what they were.
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

/// Those of a new project.
pub(super) fn of_new(phases: &[Phase]) -> Result<impl Iterator<Item = Event>, Error> {
    if phases.len() > MOST_PHASES {
        return Err(Error::HowManyPhases);
    }
    if phases.iter().enumerate().any(|(at, phase)| phases[..at].iter().any(|other| other.id == phase.id)) {
        return Err(Error::AlreadyExists);
    }
    let backwards = phases.iter().position(|phase| check(phase).is_err());
    backwards.map_or(Ok(()), |at| Err(Error::NewPhaseEndsBeforeStart(at)))?;
    Ok(phases.iter().cloned().map(Event::PhaseAdded))
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

/// One that is there stays where it is.
pub(super) fn restore(project: &Project, id: PhaseId) -> Result<Vec<Event>, Error> {
    if project.phase(id).is_some() {
        return Ok(Vec::new());
    }
    let removed = project.removed_phases.iter().find(|phase| phase.id == id);
    add(project, removed.ok_or(Error::NotFound)?, None)
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
