//! The rules of a task: which events carry out a command, or why it is refused.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{Changes, Command, Create, Event, MOST_REFERENCES, Status, Task, family, follow};
use crate::aggregate::{Context, Reference};
use crate::ids::{ProjectId, SprintId};
use crate::label::Label;
use crate::member::Member;
use crate::project::Project;
use crate::refusal::{Kind, Refusal};
use crate::sets::{difference, distinct};
use crate::sprint::{self, Sprint};

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
    #[error("The project is archived: set its archived to false before adding tasks to it.")]
    ProjectArchived,
    /// A closed sprint takes no new tasks.
    #[error("The sprint is closed: reopen it before adding tasks to it.")]
    SprintClosed,
    /// A sprint is for the tasks of its own project.
    #[error("The sprint belongs to another project.")]
    SprintElsewhere,
    /// A phase is of its own project.
    #[error("The task's project has no such phase.")]
    NoSuchPhase,
    /// Nobody to pay for it.
    #[error("The task's project has no customer: the task is neither billable nor not.")]
    NoCustomer,
    /// No task is a part of itself.
    #[error("A task can't be a part of itself, nor of one of its parts.")]
    PartOfItself,
    /// Too many tasks above one another.
    #[error("At most {} tasks can be above one another.", family::DEEPEST)]
    TooDeep,
    /// No more assignees, or labels, fit.
    #[error("A task has at most {MOST_REFERENCES} of them.")]
    TooMany,
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
            Error::SprintClosed => Self::new(Kind::Conflict, "sprint-closed", error.to_string()).at("/sprint_id"),
            Error::SprintElsewhere => {
                Self::new(Kind::Invalid, "sprint-of-another-project", error.to_string()).at("/sprint_id")
            }
            Error::NoSuchPhase => Self::new(Kind::Invalid, "unknown-reference", error.to_string()).at("/phase_id"),
            Error::NoCustomer => Self::new(Kind::Invalid, "no-customer", error.to_string()).at("/billable"),
            Error::PartOfItself => Self::new(Kind::Conflict, "part-of-itself", error.to_string()).at("/parent_id"),
            Error::TooDeep => Self::new(Kind::Conflict, "too-deep", error.to_string()).at("/parent_id"),
            Error::TooMany => Self::new(Kind::Conflict, "too-many", error.to_string()),
        }
    }
}

pub(super) fn decide(task: &Task, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
    match command {
        Command::Create(new) => create(task, new, context),
        Command::Restore if exists(task) && !task.deleted => Ok(Vec::new()),
        Command::Restore if exists(task) => {
            Ok(std::iter::once(Event::Restored).chain(follow::events(task, context)).collect())
        }
        Command::FollowProject => Ok(if task.deleted { Vec::new() } else { follow::events(task, context) }),
        Command::LeaveSprint { from, to } => leave_sprint(task, *from, *to, context),
        _ if task.deleted => Err(Error::NotFound),
        Command::Update(changes) => update(task, changes, context),
        Command::Assign(id) => add(&task.assignee_ids, id, Event::Assigned { member_id: *id }),
        Command::Unassign(id) => Ok(remove(&task.assignee_ids, id, Event::Unassigned { member_id: *id })),
        Command::AddLabel(id) => add(&task.label_ids, id, Event::LabelAdded { label_id: *id }),
        Command::RemoveLabel(id) => Ok(remove(&task.label_ids, id, Event::LabelRemoved { label_id: *id })),
        Command::Delete => Ok(vec![Event::Deleted]),
        Command::Restore => Err(Error::NotFound),
    }
}

pub(super) fn references(task: &Task, command: &Command) -> Vec<Reference> {
    let own_project = || Reference::alive::<Project>(task.project_id.0, "/project_id").or_not_found();
    let project_state = || Reference::state::<Project>(task.project_id.0, "/project_id").or_not_found();
    match command {
        Command::Create(new) => {
            let project = Reference::state::<Project>(new.project_id.0, "/project_id");
            let assignees = named::<Member>(new.assignee_ids.iter().map(|id| id.0), "assignee_ids");
            let labels = named::<Label>(new.label_ids.iter().map(|id| id.0), "label_ids");
            let placed = new_sprint(task, command).into_iter().chain(family::reference(task, command));
            std::iter::once(project).chain(assignees).chain(labels).chain(placed).collect()
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
            let placed = new_sprint(task, command).into_iter().chain(family::reference(task, command));
            let own_project = if follows(task, changes) { project_state() } else { own_project() };
            std::iter::once(own_project).chain(project).chain(assignees).chain(labels).chain(placed).collect()
        }
        // Who and what is named by the path: an unknown one is not found, like the task.
        Command::Assign(id) if !task.assignee_ids.contains(id) => {
            vec![own_project(), Reference::alive::<Member>(id.0, "").or_not_found()]
        }
        Command::AddLabel(id) if !task.label_ids.contains(id) => {
            vec![own_project(), Reference::alive::<Label>(id.0, "").or_not_found()]
        }
        // Whatever has become of its project: it is not in the sprint any more.
        Command::LeaveSprint { from, .. } if task.sprint_id != Some(*from) => Vec::new(),
        Command::LeaveSprint { to: Some(to), .. } => {
            vec![own_project(), Reference::state::<Sprint>(to.0, "/move_to")]
        }
        Command::Restore | Command::FollowProject => vec![project_state()],
        _ => vec![own_project()],
    }
}

/// Whether something is said that is for the project to allow.
fn follows(task: &Task, changes: &Changes) -> bool {
    changes.billable.is_some() || changes.phase_id.flatten().is_some_and(|id| task.phase_id != Some(id))
}

fn named<A: crate::Aggregate>(ids: impl Iterator<Item = Uuid>, field: &str) -> impl Iterator<Item = Reference> {
    ids.enumerate().map(move |(index, id)| Reference::alive::<A>(id, format!("/{field}/{index}")))
}

/// The sprint that a command puts the task into. A task that moves has to have its sprint looked at again.
fn new_sprint(task: &Task, command: &Command) -> Option<Reference> {
    let sprint_id = match command {
        Command::Create(new) => new.sprint_id,
        Command::Update(changes) => changes.sprint_id.flatten().filter(|id| {
            task.sprint_id != Some(*id) || changes.project_id.is_some_and(|project| project != task.project_id)
        }),
        _ => None,
    };
    sprint_id.map(|id| Reference::state::<Sprint>(id.0, "/sprint_id"))
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
    new.sprint_id.map_or(Ok(()), |sprint| check_sprint(sprint, new.project_id, context))?;
    new.phase_id.map_or(Ok(()), |phase| follow::check_phase(phase, new.project_id, context))?;
    new.parent_id.map_or(Ok(()), |parent| family::check(parent, context))?;
    Ok(vec![Event::Created {
        project_id: new.project_id,
        title: new.title.clone(),
        description: new.description.clone(),
        status: new.status,
        priority: new.priority,
        assignee_ids: distinct(&new.assignee_ids),
        label_ids: distinct(&new.label_ids),
        sprint_id: new.sprint_id,
        phase_id: new.phase_id,
        parent_id: new.parent_id,
        start_date: new.start_date,
        due_date: new.due_date,
        estimate_minutes: new.estimate.minutes,
        estimate_points: new.estimate.points,
        billable: follow::billable(new.billable, new.project_id, context)?,
        completed_at: completed_at(new.status, context),
        external_id: new.external_id.clone(),
    }])
}

fn update(task: &Task, changes: &Changes, context: &Context) -> Result<Vec<Event>, Error> {
    let mut events = placed(task, changes, context)?;
    if let Some(title) = changes.title.clone().filter(|title| *title != task.title) {
        events.push(Event::Retitled { title });
    }
    if let Some(description) = changes.description.clone().filter(|text| *text != task.description) {
        events.push(Event::Described { description });
    }
    if let Some(status) = changes.status.filter(|status| *status != task.status) {
        events.push(Event::StatusChanged { status, completed_at: completed_at(status, context) });
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
    let estimate_minutes = changes.estimate_minutes.unwrap_or(task.estimate_minutes);
    let estimate_points = changes.estimate_points.unwrap_or(task.estimate_points);
    if (estimate_minutes, estimate_points) != (task.estimate_minutes, task.estimate_points) {
        events.push(Event::Estimated { estimate_minutes, estimate_points });
    }
    Ok(events)
}

/// Where it belongs: project, sprint, phase and parent, and with that who pays. Who leaves a project leaves its sprint
/// and its phase.
fn placed(task: &Task, changes: &Changes, context: &Context) -> Result<Vec<Event>, Error> {
    let mut events = Vec::new();
    let project_id = changes.project_id.unwrap_or(task.project_id);
    let moves = project_id != task.project_id;
    if moves {
        check_project(project_id, context)?;
        events.push(Event::Moved { project_id });
    }
    let sprint_id = changes.sprint_id.unwrap_or(task.sprint_id.filter(|_| !moves));
    if moves || sprint_id != task.sprint_id {
        sprint_id.map_or(Ok(()), |sprint| check_sprint(sprint, project_id, context))?;
    }
    if sprint_id != task.sprint_id {
        events.push(Event::SprintSet { sprint_id, at_end: false });
    }
    let phase_id = changes.phase_id.unwrap_or(task.phase_id.filter(|_| !moves));
    if phase_id != task.phase_id || moves {
        phase_id.map_or(Ok(()), |phase| follow::check_phase(phase, project_id, context))?;
    }
    if phase_id != task.phase_id {
        events.push(Event::PhaseSet { phase_id });
    }
    let billable = match changes.billable {
        Some(said) => follow::billable(said, project_id, context)?,
        None if moves => follow::moved(task.billable, project_id, context),
        None => task.billable,
    };
    if billable != task.billable {
        events.push(Event::BillableSet { billable });
    }
    if let Some(parent_id) = changes.parent_id.filter(|parent| *parent != task.parent_id) {
        parent_id.map_or(Ok(()), |parent| family::check(parent, context))?;
        events.push(Event::ParentSet { parent_id });
    }
    Ok(events)
}

/// Whatever has become of the task meanwhile, its sprint may end: what is not to be moved stays as it is.
fn leave_sprint(task: &Task, from: SprintId, to: Option<SprintId>, context: &Context) -> Result<Vec<Event>, Error> {
    if task.deleted || task.sprint_id != Some(from) || !task.status.is_open() || to == Some(from) {
        return Ok(Vec::new());
    }
    to.map_or(Ok(()), |to| check_sprint(to, task.project_id, context))?;
    Ok(vec![Event::SprintSet { sprint_id: to, at_end: true }])
}

fn completed_at(status: Status, context: &Context) -> Option<DateTime<Utc>> {
    (status == Status::Done).then_some(context.now)
}

fn add<T: PartialEq>(have: &[T], one: &T, event: Event) -> Result<Vec<Event>, Error> {
    match have.contains(one) {
        true => Ok(Vec::new()),
        false if have.len() >= MOST_REFERENCES => Err(Error::TooMany),
        false => Ok(vec![event]),
    }
}

fn remove<T: PartialEq>(have: &[T], one: &T, event: Event) -> Vec<Event> {
    if have.contains(one) { vec![event] } else { Vec::new() }
}

fn check_project(id: ProjectId, context: &Context) -> Result<(), Error> {
    match context.references.get::<Project>(id.0) {
        Some(project) if project.archived => Err(Error::ProjectArchived),
        _ => Ok(()),
    }
}

fn check_sprint(id: SprintId, project: ProjectId, context: &Context) -> Result<(), Error> {
    match context.references.get::<Sprint>(id.0) {
        Some(sprint) if sprint.project_id != project => Err(Error::SprintElsewhere),
        Some(sprint) if sprint.status == sprint::Status::Closed => Err(Error::SprintClosed),
        _ => Ok(()),
    }
}

fn check_dates(start: Option<NaiveDate>, due: Option<NaiveDate>) -> Result<(), Error> {
    match (start, due) {
        (Some(start), Some(due)) if due < start => Err(Error::DueBeforeStart),
        _ => Ok(()),
    }
}
