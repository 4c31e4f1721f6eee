//! The rules of a sprint.

use chrono::NaiveDate;

use super::{Changes, Command, Event, Plan, Sprint, Status};
use crate::aggregate::{Context, Reference};
use crate::project::Project;
use crate::refusal::{Kind, Refusal};

/// Why a command for a sprint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such sprint.
    #[error("There is no such sprint.")]
    NotFound,
    /// The id is taken.
    #[error("There is already a sprint with this id.")]
    AlreadyExists,
    /// The days are the wrong way round.
    #[error("The end date must not be before the start date.")]
    EndBeforeStart,
    /// An archived project takes no new sprints.
    #[error("The project is archived: set its archived to false before adding sprints to it.")]
    ProjectArchived,
    /// It has to be started first.
    #[error("The sprint is not started yet: start it before closing it, or delete it.")]
    NotStarted,
    /// It is over.
    #[error("The sprint is closed: reopen it first.")]
    Closed,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
            Error::EndBeforeStart => Self::new(Kind::Invalid, "end-before-start", error.to_string()).at("/end_date"),
            Error::ProjectArchived => {
                Self::new(Kind::Conflict, "project-archived", error.to_string()).at("/project_id")
            }
            Error::NotStarted => Self::new(Kind::Conflict, "sprint-not-started", error.to_string()),
            Error::Closed => Self::new(Kind::Conflict, "sprint-closed", error.to_string()),
        }
    }
}

pub(super) fn references(sprint: &Sprint, command: &Command) -> Vec<Reference> {
    match command {
        Command::Plan(new) => vec![Reference::state::<Project>(new.project_id.0, "/project_id")],
        _ if !exists(sprint) => Vec::new(),
        _ => vec![Reference::alive::<Project>(sprint.project_id.0, "/project_id").or_not_found()],
    }
}

pub(super) fn decide(sprint: &Sprint, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
    match command {
        Command::Plan(new) => plan(sprint, new, context),
        Command::Restore if exists(sprint) => Ok(if sprint.deleted { vec![Event::Restored] } else { Vec::new() }),
        _ if sprint.deleted => Err(Error::NotFound),
        Command::Update(changes) => update(sprint, changes),
        Command::Start => match sprint.status {
            Status::Planned => Ok(vec![Event::Started { at: context.now }]),
            Status::Active => Ok(Vec::new()),
            Status::Closed => Err(Error::Closed),
        },
        Command::Close => match sprint.status {
            Status::Planned => Err(Error::NotStarted),
            Status::Active => Ok(vec![Event::Closed { at: context.now }]),
            Status::Closed => Ok(Vec::new()),
        },
        Command::Reopen => match sprint.status {
            Status::Planned => Err(Error::NotStarted),
            Status::Active => Ok(Vec::new()),
            Status::Closed => Ok(vec![Event::Reopened]),
        },
        Command::Delete => Ok(vec![Event::Deleted]),
        Command::Restore => Err(Error::NotFound),
    }
}

fn exists(sprint: &Sprint) -> bool {
    !sprint.project_id.0.is_nil()
}

fn plan(sprint: &Sprint, new: &Plan, context: &Context) -> Result<Vec<Event>, Error> {
    if exists(sprint) {
        return Err(Error::AlreadyExists);
    }
    if context.references.get::<Project>(new.project_id.0).is_some_and(|project| project.archived) {
        return Err(Error::ProjectArchived);
    }
    check_days(new.start_date, new.end_date)?;
    let Plan { project_id, name, goal, start_date, end_date } = new.clone();
    Ok(vec![Event::Planned { project_id, name, goal, start_date, end_date }])
}

fn update(sprint: &Sprint, changes: &Changes) -> Result<Vec<Event>, Error> {
    let mut events = Vec::new();
    if let Some(name) = changes.name.clone().filter(|name| *name != sprint.name) {
        events.push(Event::Renamed { name });
    }
    if let Some(goal) = changes.goal.clone().filter(|goal| *goal != sprint.goal) {
        events.push(Event::GoalSet { goal });
    }
    let start_date = changes.start_date.unwrap_or(sprint.start_date);
    let end_date = changes.end_date.unwrap_or(sprint.end_date);
    if (start_date, end_date) != (sprint.start_date, sprint.end_date) {
        check_days(start_date, end_date)?;
        events.push(Event::Scheduled { start_date, end_date });
    }
    Ok(events)
}

fn check_days(start: Option<NaiveDate>, end: Option<NaiveDate>) -> Result<(), Error> {
    match (start, end) {
        (Some(start), Some(end)) if end < start => Err(Error::EndBeforeStart),
        _ => Ok(()),
    }
}
