//! What a task has of its project: one of its phases, and whether the customer pays.
//!
//! Whoever says something of it looks at the project's state, so that it can't change meanwhile. When a phase goes, and
//! when a customer comes or goes, the project's tasks follow: each by a command of its own, for nobody knows them all.

use super::{Error, Event, Task};
use crate::aggregate::Context;
use crate::ids::{PhaseId, ProjectId};
use crate::project::Project;

fn project(id: ProjectId, context: &Context) -> Option<&Project> {
    context.references.get::<Project>(id.0)
}

/// Whether the project has the phase.
pub(super) fn check_phase(phase: PhaseId, of: ProjectId, context: &Context) -> Result<(), Error> {
    match project(of, context) {
        Some(project) if project.phase(phase).is_none() => Err(Error::NoSuchPhase),
        _ => Ok(()),
    }
}

/// Whether the customer pays: as is said, else as for the project. Without a customer there is nothing to say.
pub(super) fn billable(said: Option<bool>, of: ProjectId, context: &Context) -> Result<Option<bool>, Error> {
    match project(of, context) {
        Some(project) if project.customer_id.is_none() && said.is_some() => Err(Error::NoCustomer),
        project => Ok(project.map_or(said, |project| project.bills(said))),
    }
}

/// The same of a task that comes from elsewhere.
pub(super) fn moved(was: Option<bool>, to: ProjectId, context: &Context) -> Option<bool> {
    project(to, context).map_or(was, |project| project.bills(was))
}

/// The events after which the task is as its project says.
pub(super) fn events(task: &Task, context: &Context) -> Vec<Event> {
    let Some(project) = project(task.project_id, context) else { return Vec::new() };
    let is_lost = task.phase_id.is_some_and(|phase| project.phase(phase).is_none());
    let billable = moved(task.billable, task.project_id, context);
    let phase = is_lost.then_some(Event::PhaseSet { phase_id: None });
    let billable = (billable != task.billable).then_some(Event::BillableSet { billable });
    phase.into_iter().chain(billable).collect()
}
