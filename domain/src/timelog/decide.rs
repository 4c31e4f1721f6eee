//! The rules of a timelog: which events carry out a command, or why it is refused.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Action, Changes, Command, Correction, Entry, Event, Reach, Reckoned, Timelog, Work, Zone};
use crate::actor::Actor;
use crate::aggregate::{Context, Reference, References};
use crate::ids::{MemberId, ProjectId, TaskId};
use crate::member::Member;
use crate::project::Project;
use crate::refusal::{Kind, Refusal};
use crate::task::Task;
use crate::workspace::Workspace;

/// Nobody works longer than this at a stretch. A timer that somebody forgot can be stopped all the same.
pub const LONGEST: TimeDelta = TimeDelta::hours(24);

/// Why a command for a timelog is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such timelog.
    #[error("There is no such timelog.")]
    NotFound,
    /// The id is taken.
    #[error("There is already a timelog with this id.")]
    AlreadyExists,
    /// Nothing to stop.
    #[error("No timer is running.")]
    NotRunning,
    /// Somebody else's time.
    #[error("This is another member's time: touching it takes the role manager or above.")]
    NotYours,
    /// Time is worked on something.
    #[error("Say which task or which project it is for.")]
    NoSubject,
    /// Task and project do not belong together.
    #[error("The task belongs to another project.")]
    TaskOfAnotherProject,
    /// The times are the wrong way round.
    #[error("The end must be after the start.")]
    EndBeforeStart,
    /// It starts later than now.
    #[error("The start lies in the future.")]
    StartsInTheFuture,
    /// It ends later than now.
    #[error("The end lies in the future.")]
    EndsInTheFuture,
    /// Nobody to pay for it.
    #[error("The project has no customer: time on it is neither billable nor not.")]
    NoCustomer,
    /// Nobody works that long.
    #[error("At most 24 hours are logged at a time.")]
    TooLong,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let at = |code, pointer| Self::new(Kind::Invalid, code, error.to_string()).at(pointer);
        match error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
            Error::NotRunning => Self::new(Kind::Conflict, "no-running-timer", error.to_string()),
            Error::NotYours => Self::new(Kind::Forbidden, "not-yours", error.to_string()),
            Error::NoSubject => at("no-subject", "/task_id"),
            Error::TaskOfAnotherProject => at("task-of-another-project", "/project_id"),
            Error::EndBeforeStart => at("end-before-start", "/ended_at"),
            Error::StartsInTheFuture => at("in-the-future", "/started_at"),
            Error::EndsInTheFuture => at("in-the-future", "/ended_at"),
            Error::NoCustomer => at("no-customer", "/billable"),
            Error::TooLong => at("too-much-time", "/ended_at"),
        }
    }
}

pub(super) fn references(log: &Timelog, command: &Command) -> Vec<Reference> {
    let task = |id: TaskId| Reference::state::<Task>(id.0, "/task_id");
    let project = |id: ProjectId| Reference::state::<Project>(id.0, "/project_id");
    match &command.action {
        Action::Log { work, .. } | Action::Start(work) => {
            let member = Reference::alive::<Member>(work.member_id.0, "/member_id");
            let workspace = match work.zone {
                Reckoned::In(_) => None,
                Reckoned::AsIn(id) => Some(Reference::state::<Workspace>(id.0, "/time_zone")),
            };
            let subject = work.task_id.map(task).into_iter().chain(work.project_id.map(project));
            std::iter::once(member).chain(subject).chain(workspace).collect()
        }
        Action::Correct(changes) if is_moved(log, changes) => {
            let id = changes.task_id.unwrap_or(log.task_id);
            id.map(task).into_iter().chain(changes.project_id.map(project)).collect()
        }
        Action::Correct(Changes { billable: Some(_), .. }) => {
            vec![Reference::state::<Project>(log.project_id.0, "/billable")]
        }
        _ => Vec::new(),
    }
}

/// The project of a task, where only the task was said.
pub(super) fn further_references(log: &Timelog, command: &Command, known: &References) -> Vec<Reference> {
    let (task, project) = match &command.action {
        Action::Log { work, .. } | Action::Start(work) => (work.task_id, work.project_id),
        Action::Correct(changes) if is_moved(log, changes) => {
            (changes.task_id.unwrap_or(log.task_id), changes.project_id)
        }
        _ => return Vec::new(),
    };
    let task = task.filter(|_| project.is_none()).and_then(|id| known.get::<Task>(id.0));
    // To its callers, a task of a project that is gone does not exist.
    task.map(|task| Reference::state::<Project>(task.project_id.0, "/task_id")).into_iter().collect()
}

pub(super) fn decide(log: &Timelog, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
    let reach = command.reach;
    match &command.action {
        Action::Log { .. } | Action::Start(_) if exists(log) => Err(Error::AlreadyExists),
        Action::Log { work, started_at, ended_at } => {
            within_reach(reach, work.member_id, context)?;
            check(*started_at, Some(*ended_at), context)?;
            Ok(vec![Event::Logged(entry(work, *started_at, Some(*ended_at), context)?)])
        }
        Action::Start(work) => {
            within_reach(reach, work.member_id, context)?;
            Ok(vec![Event::TimerStarted(entry(work, context.now, None, context)?)])
        }
        Action::Stop if !log.is_running() => Err(Error::NotRunning),
        Action::Restore if !exists(log) => Err(Error::NotFound),
        Action::Stop | Action::Correct(_) | Action::Void if log.voided => Err(Error::NotFound),
        action => {
            within_reach(reach, log.member_id, context)?;
            match action {
                Action::Correct(changes) => correct(log, changes, context),
                Action::Stop => Ok(vec![stopped(log, context)]),
                Action::Void if log.is_running() => Ok(vec![stopped(log, context), Event::Voided]),
                Action::Void => Ok(vec![Event::Voided]),
                _ if log.voided => Ok(vec![Event::Restored]),
                _ => Ok(Vec::new()),
            }
        }
    }
}

fn exists(log: &Timelog) -> bool {
    !log.member_id.0.is_nil()
}

fn within_reach(reach: Reach, member: MemberId, context: &Context) -> Result<(), Error> {
    match reach {
        Reach::All => Ok(()),
        Reach::Own if context.actor == Actor::Member(member) => Ok(()),
        Reach::Own => Err(Error::NotYours),
    }
}

fn check(start: DateTime<Utc>, end: Option<DateTime<Utc>>, context: &Context) -> Result<(), Error> {
    if start > context.now {
        return Err(Error::StartsInTheFuture);
    }
    match end {
        Some(end) if end <= start => Err(Error::EndBeforeStart),
        Some(end) if end > context.now => Err(Error::EndsInTheFuture),
        Some(end) if end - start > LONGEST => Err(Error::TooLong),
        _ => Ok(()),
    }
}

fn entry(
    work: &Work,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    context: &Context,
) -> Result<Entry, Error> {
    let project_id = project_of(work.task_id, work.project_id, context)?;
    let zone = zone_of(work.zone, context);
    Ok(Entry {
        member_id: work.member_id,
        task_id: work.task_id,
        project_id,
        started_at,
        ended_at,
        time_zone: zone.to_string(),
        date: zone.day_of(started_at),
        note: work.note.clone(),
        billable: billable(work.billable, work.task_id, project_id, context)?,
    })
}

fn zone_of(reckoned: Reckoned, context: &Context) -> Zone {
    match reckoned {
        Reckoned::In(zone) => zone,
        Reckoned::AsIn(id) => {
            let workspace = context.references.get::<Workspace>(id.0);
            workspace.and_then(|workspace| workspace.time_zone.parse().ok()).unwrap_or_default()
        }
    }
}

/// Whether the customer pays: as is said, else as for the task, else as for the project.
fn billable(
    said: Option<bool>,
    task: Option<TaskId>,
    project: ProjectId,
    context: &Context,
) -> Result<Option<bool>, Error> {
    let of_task = || task.and_then(|id| context.references.get::<Task>(id.0)).and_then(|task| task.billable);
    match context.references.get::<Project>(project.0) {
        Some(project) if project.customer_id.is_none() && said.is_some() => Err(Error::NoCustomer),
        Some(project) => Ok(project.bills(said.or_else(of_task))),
        None => Ok(said),
    }
}

/// The project that time belongs to: the task's, and no other, if there is a task.
fn project_of(task: Option<TaskId>, said: Option<ProjectId>, context: &Context) -> Result<ProjectId, Error> {
    let of_task = task.and_then(|id| context.references.get::<Task>(id.0)).map(|task| task.project_id);
    match (of_task, said) {
        (Some(of_task), Some(said)) if of_task != said => Err(Error::TaskOfAnotherProject),
        (of_task, said) => said.or(of_task).ok_or(Error::NoSubject),
    }
}

/// Stopping never fails for want of time: clocks of two machines may disagree by more than it took.
fn stopped(log: &Timelog, context: &Context) -> Event {
    let ended_at = context.now.max(log.started_at + TimeDelta::microseconds(1));
    Event::TimerStopped { ended_at }
}

/// Whether it is to be for something else.
fn is_moved(log: &Timelog, changes: &Changes) -> bool {
    changes.task_id.is_some_and(|id| id != log.task_id) || changes.project_id.is_some_and(|id| id != log.project_id)
}

fn correct(log: &Timelog, changes: &Changes, context: &Context) -> Result<Vec<Event>, Error> {
    let mut correction = Correction::default();
    if is_moved(log, changes) {
        let task = changes.task_id.unwrap_or(log.task_id);
        let said = changes.project_id.or(task.is_none().then_some(log.project_id));
        let project = project_of(task, said, context)?;
        correction.task_id = Some(task).filter(|task| *task != log.task_id);
        correction.project_id = Some(project).filter(|id| *id != log.project_id);
        let said = changes.billable.flatten();
        correction.billable = Some(billable(said, task, project, context)?).filter(|says| *says != log.billable);
    } else if let Some(said) = changes.billable {
        let billable = billable(said, None, log.project_id, context)?;
        correction.billable = Some(billable).filter(|says| *says != log.billable);
    }
    correction.note = changes.note.clone().filter(|note| *note != log.note);
    correction.started_at = changes.started_at.filter(|time| *time != log.started_at);
    let end = changes.ended_at.filter(|time| Some(*time) != log.ended_at);
    let start = correction.started_at.unwrap_or(log.started_at);
    if correction.started_at.is_some() || end.is_some() {
        check(start, end.or(log.ended_at), context)?;
    }
    let zone = changes.zone.unwrap_or_else(|| log.time_zone.parse().unwrap_or_default());
    correction.time_zone = changes.zone.map(|zone: Zone| zone.to_string()).filter(|name| *name != log.time_zone);
    if correction.started_at.is_some() || correction.time_zone.is_some() {
        correction.date = Some(zone.day_of(start)).filter(|date| *date != log.date);
    }
    let stops = log.is_running().then_some(end).flatten();
    correction.ended_at = end.filter(|_| stops.is_none());
    let corrected = (correction != Correction::default()).then_some(Event::Corrected(correction));
    let stopped = stops.map(|ended_at| Event::TimerStopped { ended_at });
    Ok(corrected.into_iter().chain(stopped).collect())
}
