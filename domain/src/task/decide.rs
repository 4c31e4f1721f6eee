//! The rules of a task: which events carry out a command, or why it is refused.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Changes, Command, Create, Event, Task};
use crate::aggregate::{Context, Reference};
use crate::ids::ProjectId;
use crate::label::Label;
use crate::member::Member;
use crate::project::Project;
use crate::refusal::{Kind, Refusal};

/// Why a command for a task is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such task.
    #[error("There is no such task.")]
    NotFound,
    /// The id is taken.
    #[error("There is already a task with this id.")]
    AlreadyExists,
    /// The dates are the wrong way round.
    #[error("The due date must not be before the start date.")]
    DueBeforeStart,
    /// An archived project takes no new tasks.
    #[error("The project is archived: restore it before adding tasks to it.")]
    ProjectArchived,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
            Error::DueBeforeStart => Self::new(Kind::Invalid, "due-before-start", error.to_string()).at("/due_date"),
            Error::ProjectArchived => {
                Self::new(Kind::Conflict, "project-archived", error.to_string()).at("/project_id")
            }
        }
    }
}

pub(super) fn decide(task: &Task, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
    match command {
        Command::Create(new) => create(task, new, context),
        Command::Update(_) | Command::Delete if task.deleted => Err(Error::NotFound),
        Command::Update(changes) => update(task, changes, context),
        Command::Delete => Ok(vec![Event::Deleted]),
        Command::Restore if exists(task) => Ok(if task.deleted { vec![Event::Restored] } else { Vec::new() }),
        Command::Restore => Err(Error::NotFound),
    }
}

pub(super) fn references(task: &Task, command: &Command) -> Vec<Reference> {
    let own_project = || Reference::alive::<Project>(task.project_id.0, "/project_id").or_not_found();
    match command {
        Command::Create(new) => {
            let project = Reference::state::<Project>(new.project_id.0, "/project_id");
            let assignees = named::<Member>(new.assignee_ids.iter().map(|id| id.0), "assignee_ids");
            let labels = named::<Label>(new.label_ids.iter().map(|id| id.0), "label_ids");
            std::iter::once(project).chain(assignees).chain(labels).collect()
        }
        _ if !exists(task) => Vec::new(),
        Command::Update(changes) => {
            let target = changes.project_id.filter(|id| *id != task.project_id);
            let project = target.map(|id| Reference::state::<Project>(id.0, "/project_id"));
            let assignees = changes.assignee_ids.iter().flatten().map(|id| id.0);
            let assignees = named::<Member>(assignees, "assignee_ids")
                .filter(|reference| !task.assignee_ids.iter().any(|id| id.0 == reference.id));
            let labels = named::<Label>(changes.label_ids.iter().flatten().map(|id| id.0), "label_ids")
                .filter(|reference| !task.label_ids.iter().any(|id| id.0 == reference.id));
            std::iter::once(own_project()).chain(project).chain(assignees).chain(labels).collect()
        }
        Command::Delete | Command::Restore => vec![own_project()],
    }
}

fn named<A: crate::Aggregate>(ids: impl Iterator<Item = Uuid>, field: &str) -> impl Iterator<Item = Reference> {
    ids.enumerate().map(move |(index, id)| Reference::alive::<A>(id, format!("/{field}/{index}")))
}

fn exists(task: &Task) -> bool {
    !task.project_id.0.is_nil()
}

fn create(task: &Task, new: &Create, context: &Context) -> Result<Vec<Event>, Error> {
    if exists(task) {
        return Err(Error::AlreadyExists);
    }
    check_project(new.project_id, context)?;
    check_dates(new.start_date, new.due_date)?;
    Ok(vec![Event::Created {
        project_id: new.project_id,
        title: new.title.clone(),
        description: new.description.clone(),
        status: new.status,
        priority: new.priority,
        assignee_ids: distinct(&new.assignee_ids),
        label_ids: distinct(&new.label_ids),
        start_date: new.start_date,
        due_date: new.due_date,
        external_id: new.external_id.clone(),
    }])
}

fn update(task: &Task, changes: &Changes, context: &Context) -> Result<Vec<Event>, Error> {
    let mut events = Vec::new();
    if let Some(project_id) = changes.project_id.filter(|id| *id != task.project_id) {
        check_project(project_id, context)?;
        events.push(Event::Moved { project_id });
    }
    if let Some(title) = changes.title.clone().filter(|title| *title != task.title) {
        events.push(Event::Retitled { title });
    }
    if let Some(description) = changes.description.clone().filter(|text| *text != task.description) {
        events.push(Event::Described { description });
    }
    if let Some(status) = changes.status.filter(|status| *status != task.status) {
        events.push(Event::StatusChanged { status });
    }
    if let Some(priority) = changes.priority.filter(|priority| *priority != task.priority) {
        events.push(Event::PriorityChanged { priority });
    }
    if let Some(wanted) = &changes.assignee_ids {
        let (gone, come) = difference(&task.assignee_ids, wanted);
        events.extend(gone.into_iter().map(|member_id| Event::Unassigned { member_id }));
        events.extend(come.into_iter().map(|member_id| Event::Assigned { member_id }));
    }
    if let Some(wanted) = &changes.label_ids {
        let (gone, come) = difference(&task.label_ids, wanted);
        events.extend(gone.into_iter().map(|label_id| Event::LabelRemoved { label_id }));
        events.extend(come.into_iter().map(|label_id| Event::LabelAdded { label_id }));
    }
    let start_date = changes.start_date.unwrap_or(task.start_date);
    let due_date = changes.due_date.unwrap_or(task.due_date);
    if (start_date, due_date) != (task.start_date, task.due_date) {
        check_dates(start_date, due_date)?;
        events.push(Event::Scheduled { start_date, due_date });
    }
    Ok(events)
}

fn check_project(id: ProjectId, context: &Context) -> Result<(), Error> {
    match context.references.get::<Project>(id.0) {
        Some(project) if project.archived => Err(Error::ProjectArchived),
        _ => Ok(()),
    }
}

fn check_dates(start: Option<NaiveDate>, due: Option<NaiveDate>) -> Result<(), Error> {
    match (start, due) {
        (Some(start), Some(due)) if due < start => Err(Error::DueBeforeStart),
        _ => Ok(()),
    }
}

fn distinct<T: PartialEq + Copy>(ids: &[T]) -> Vec<T> {
    let mut seen = Vec::with_capacity(ids.len());
    for id in ids {
        if !seen.contains(id) {
            seen.push(*id);
        }
    }
    seen
}

/// What to take from `have` and what to add to it to get the set `wanted`.
fn difference<T: PartialEq + Copy>(have: &[T], wanted: &[T]) -> (Vec<T>, Vec<T>) {
    let gone = have.iter().copied().filter(|id| !wanted.contains(id)).collect();
    let come = distinct(wanted).into_iter().filter(|id| !have.contains(id)).collect();
    (gone, come)
}
