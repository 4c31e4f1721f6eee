//! The rules of a project.

use chrono::Datelike;

use super::{Changes, Command, Create, Created, Event, MOST_MEMBERS, MOST_PHASES, Project, StatusChoice, phase};
use crate::aggregate::{Context, Reference};
use crate::customer::Customer;
use crate::ids::CustomerId;
use crate::member::Member;
use crate::refusal::{Kind, Refusal};
use crate::sets::{difference, distinct};
use crate::space::Space;
use crate::team::Team;
use crate::words::is_color;
use crate::workspace::{Category, ProjectStatus, Workspace};

/// Why a command for a project is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such project.
    #[error("There is no such project.")]
    NotFound,
    /// The id is taken, by a project or a phase of it.
    #[error("There is already something with this id.")]
    AlreadyExists,
    /// The workspace has no such state.
    #[error("The workspace has no such state for projects.")]
    UnknownStatus,
    /// Not a code.
    #[error("A code is 1 to 10 capital letters and digits, a letter first, such as WEB.")]
    BadCode,
    /// Not a colour.
    #[error("A colour is written #rrggbb.")]
    NotAColor,
    /// The dates are the wrong way round.
    #[error("The due date must not be before the start date.")]
    DueBeforeStart,
    /// No more members fit.
    #[error("A project has at most {MOST_MEMBERS} members.")]
    TooManyMembers,
    /// Nobody to pay for it.
    #[error("Without a customer it is neither billable nor not.")]
    NoCustomer,
    /// Somebody to pay for it, or not.
    #[error("With a customer it is either billable or not.")]
    BillableOrNot,
    /// A phase of a new project has its days the wrong way round: which.
    #[error("The end date must not be before the start date.")]
    NewPhaseEndsBeforeStart(usize),
    /// More phases than a project may have.
    #[error("A project has at most {MOST_PHASES} phases.")]
    HowManyPhases,
    /// No more phases fit.
    #[error("A project has at most {MOST_PHASES} phases.")]
    TooManyPhases,
    /// A phase's days are the wrong way round.
    #[error("The end date must not be before the start date.")]
    PhaseEndsBeforeStart,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let invalid = |code, pointer: &'static str| Self::new(Kind::Invalid, code, error.to_string()).at(pointer);
        match error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
            Error::UnknownStatus => invalid("unknown-status", "/status"),
            Error::BadCode => invalid("bad-code", "/code"),
            Error::NotAColor => invalid("not-a-color", "/color"),
            Error::DueBeforeStart => invalid("due-before-start", "/due_date"),
            Error::TooManyMembers => invalid("too-many", "/member_ids"),
            Error::NoCustomer => invalid("no-customer", "/billable"),
            Error::BillableOrNot => invalid("required", "/billable"),
            Error::TooManyPhases => Self::new(Kind::Conflict, "too-many", error.to_string()),
            Error::HowManyPhases => invalid("too-many", "/phases"),
            Error::PhaseEndsBeforeStart => invalid("end-before-start", "/end_date"),
            Error::NewPhaseEndsBeforeStart(at) => {
                Self::new(Kind::Invalid, "end-before-start", error.to_string()).at(format!("/phases/{at}/end_date"))
            }
        }
    }
}

pub(super) fn decide(project: &Project, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
    let exists = !project.name.is_empty();
    match command {
        Command::Create(_) if exists => Err(Error::AlreadyExists),
        Command::Create(new) => create(new, context),
        Command::Restore if exists => Ok(if project.deleted { vec![Event::Restored] } else { Vec::new() }),
        Command::LeaveStatus { to } => leave_status(project, to, context),
        _ if project.deleted => Err(Error::NotFound),
        Command::Update(changes) => Ok(between(project, with(project, changes, context)?)),
        Command::AddPhase { phase, place } => phase::add(project, phase, *place),
        Command::ChangePhase { id, changes } => phase::change(project, *id, changes),
        Command::RemovePhase(id) => phase::remove(project, *id),
        Command::RestorePhase(id) => phase::restore(project, *id),
        Command::Delete => Ok(vec![Event::Deleted]),
        Command::Restore => Err(Error::NotFound),
    }
}

pub(super) fn references(project: &Project, command: &Command) -> Vec<Reference> {
    match command {
        Command::Create(new) => named(project, &new.set),
        Command::Update(changes) => named(project, changes),
        Command::LeaveStatus { to } => vec![Reference::state::<Workspace>(to.workspace.0, "/replace_with")],
        _ => Vec::new(),
    }
}

/// What is named that was not named already.
fn named(project: &Project, set: &Changes) -> Vec<Reference> {
    let status = set.status.as_ref().filter(|choice| choice.key.as_ref() != Some(&project.status));
    let lead = set.lead_id.filter(|id| *id != project.lead_id).flatten();
    let team = set.team_id.filter(|id| *id != project.team_id).flatten();
    let space = set.space_id.filter(|id| *id != project.space_id).flatten();
    let customer = set.customer_id.filter(|id| *id != project.customer_id).flatten();
    let members = set.member_ids.iter().flatten().enumerate().filter(|(_, id)| !project.member_ids.contains(id));
    let members = members.map(|(index, id)| Reference::alive::<Member>(id.0, format!("/member_ids/{index}")));
    let others = [
        status.map(|choice| Reference::state::<Workspace>(choice.workspace.0, "/status")),
        lead.map(|id| Reference::alive::<Member>(id.0, "/lead_id")),
        team.map(|id| Reference::alive::<Team>(id.0, "/team_id")),
        space.map(|id| Reference::alive::<Space>(id.0, "/space_id")),
        customer.map(|id| Reference::state::<Customer>(id.0, "/customer_id")),
    ];
    others.into_iter().flatten().chain(members).collect()
}

fn create(new: &Create, context: &Context) -> Result<Vec<Event>, Error> {
    let to = with(&Project::default(), &new.set, context)?;
    let phases = phase::of_new(&new.phases)?;
    let created = Event::Created(Created {
        name: new.name.clone(),
        description: to.description,
        year: context.now.year(),
        status: to.status,
        category: to.status_category,
        code: to.code,
        color: to.color,
        start_date: to.start_date,
        due_date: to.due_date,
        lead_id: to.lead_id,
        member_ids: to.member_ids,
        team_id: to.team_id,
        space_id: to.space_id,
        customer_id: to.customer_id,
        billable: to.billable,
    });
    Ok(std::iter::once(created).chain(phases).collect())
}

/// The project as it is to be.
fn with(project: &Project, set: &Changes, context: &Context) -> Result<Project, Error> {
    let (status, status_category) = match &set.status {
        Some(choice) if choice.key.as_ref() != Some(&project.status) => chosen(choice, context)?,
        None if project.status.is_empty() => ("backlog".to_owned(), Category::Backlog),
        _ => (project.status.clone(), project.status_category),
    };
    let customer_id = set.customer_id.unwrap_or(project.customer_id);
    let set = set.clone();
    let next = Project {
        name: set.name.unwrap_or_else(|| project.name.clone()),
        description: set.description.unwrap_or_else(|| project.description.clone()),
        status,
        status_category,
        code: set.code.unwrap_or_else(|| project.code.clone()),
        color: set.color.unwrap_or_else(|| project.color.clone()),
        start_date: set.start_date.unwrap_or(project.start_date),
        due_date: set.due_date.unwrap_or(project.due_date),
        lead_id: set.lead_id.unwrap_or(project.lead_id),
        member_ids: set.member_ids.map_or_else(|| project.member_ids.clone(), |ids| distinct(&ids)),
        team_id: set.team_id.unwrap_or(project.team_id),
        space_id: set.space_id.unwrap_or(project.space_id),
        customer_id,
        billable: billable(project, customer_id, set.billable, context)?,
        archived: set.archived.unwrap_or(project.archived),
        ..project.clone()
    };
    check(&next)?;
    Ok(next)
}

/// One event for each field that becomes another.
fn between(now: &Project, to: Project) -> Vec<Event> {
    let (start_date, due_date) = (to.start_date, to.due_date);
    let dates = (start_date, due_date) != (now.start_date, now.due_date);
    let (gone, come) = difference(&now.member_ids, &to.member_ids);
    let gone = gone.into_iter().map(|member_id| Event::MemberRemoved { member_id });
    let come = come.into_iter().map(|member_id| Event::MemberAdded { member_id });
    let archived = if to.archived { Event::Archived } else { Event::Unarchived };
    let first = [
        (to.name != now.name).then_some(Event::Renamed { name: to.name }),
        (to.description != now.description).then_some(Event::Described { description: to.description }),
        (to.status != now.status).then_some(Event::StatusChanged { status: to.status, category: to.status_category }),
        (to.code != now.code).then_some(Event::CodeSet { code: to.code }),
        (to.color != now.color).then_some(Event::ColorSet { color: to.color }),
        dates.then_some(Event::Scheduled { start_date, due_date }),
        (to.lead_id != now.lead_id).then_some(Event::LeadSet { lead_id: to.lead_id }),
    ];
    let last = [
        (to.team_id != now.team_id).then_some(Event::TeamSet { team_id: to.team_id }),
        (to.space_id != now.space_id).then_some(Event::SpaceSet { space_id: to.space_id }),
        (to.customer_id != now.customer_id).then_some(Event::CustomerSet { customer_id: to.customer_id }),
        (to.billable != now.billable).then_some(Event::BillableSet { billable: to.billable }),
        (to.archived != now.archived).then_some(archived),
    ];
    first.into_iter().flatten().chain(gone).chain(come).chain(last.into_iter().flatten()).collect()
}

/// Whatever has become of the project meanwhile, its state may go: one that is there is not left.
fn leave_status(project: &Project, to: &StatusChoice, context: &Context) -> Result<Vec<Event>, Error> {
    let workspace = context.references.get::<Workspace>(to.workspace.0);
    let stays = |workspace: &Workspace| workspace.project_statuses.iter().any(|status| status.key == project.status);
    if project.deleted || workspace.is_some_and(stays) {
        return Ok(Vec::new());
    }
    let (status, category) = chosen(to, context)?;
    Ok(vec![Event::StatusChanged { status, category }])
}

/// The key and the meaning of a state of the workspace.
fn chosen(choice: &StatusChoice, context: &Context) -> Result<(String, Category), Error> {
    let workspace = context.references.get::<Workspace>(choice.workspace.0).ok_or(Error::UnknownStatus)?;
    let is_it = |status: &&ProjectStatus| choice.key.as_ref().is_none_or(|key| *key == status.key);
    let found = workspace.project_statuses.iter().find(is_it).ok_or(Error::UnknownStatus)?;
    Ok((found.key.clone(), found.category))
}

/// Whether the customer pays: as is said, else as it was, else as is usual for this customer.
fn billable(
    project: &Project,
    customer_id: Option<CustomerId>,
    said: Option<Option<bool>>,
    context: &Context,
) -> Result<Option<bool>, Error> {
    let Some(id) = customer_id else {
        return if said.flatten().is_some() { Err(Error::NoCustomer) } else { Ok(None) };
    };
    let is_new = customer_id != project.customer_id;
    let known = match said {
        None => project.billable,
        Some(None) if !is_new => return Err(Error::BillableOrNot),
        Some(said) => said,
    };
    let usual = || context.references.get::<Customer>(id.0).map(|customer| customer.fields.billable_by_default);
    Ok(known.or_else(usual))
}

fn check(project: &Project) -> Result<(), Error> {
    if !project.code.as_deref().is_none_or(is_code) {
        return Err(Error::BadCode);
    }
    if !project.color.as_deref().is_none_or(is_color) {
        return Err(Error::NotAColor);
    }
    if project.start_date.zip(project.due_date).is_some_and(|(start, due)| due < start) {
        return Err(Error::DueBeforeStart);
    }
    if project.member_ids.len() > MOST_MEMBERS { Err(Error::TooManyMembers) } else { Ok(()) }
}

fn is_code(text: &str) -> bool {
    (1..=10).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}
