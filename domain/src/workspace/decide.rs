//! The rules of a workspace.

use super::{Changes, Command, Event, Workspace, statuses};
use crate::refusal::{Kind, Refusal};
use crate::words::{is_language, is_time_zone};

/// Why a command for a workspace is refused. A number is the place of the state at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such workspace.
    #[error("There is no such workspace.")]
    NotFound,
    /// The id is taken.
    #[error("There is already a workspace with this id.")]
    AlreadyExists,
    /// Nobody would be left.
    #[error("This is the last owner: make somebody else an owner first.")]
    LastOwner,
    /// The plan does not come with it.
    #[error("Keys in this form come with the plans pro, team and enterprise.")]
    NotInThePlan,
    /// Not a language.
    #[error("A language is a tag of BCP 47, such as de-AT.")]
    NotALanguage,
    /// Not a time zone.
    #[error("A time zone is a name of the IANA database, such as Europe/Berlin.")]
    NotATimeZone,
    /// Too few or too many states.
    #[error("There are 1 to 50 states.")]
    HowManyStatuses,
    /// A key that can't be one.
    #[error("A key is 1 to 50 lower-case letters, digits and underscores.")]
    BadKey(usize),
    /// Two states with one key.
    #[error("An earlier state has the same key.")]
    SameKey(usize),
    /// Two states with one name.
    #[error("An earlier state has the same name.")]
    SameName(usize),
    /// A state that would mean something else.
    #[error("What a state means can't be changed: add another state.")]
    OtherCategory(usize),
    /// Not a colour.
    #[error("A colour is written #rrggbb.")]
    NotAColor(usize),
    /// A state that projects are in.
    #[error("The state {key} is in use by {projects} of the projects: say with replace_with which one they go to.")]
    InUse {
        /// The state's key.
        key: String,
        /// How many projects.
        projects: i64,
    },
    /// Nowhere to go.
    #[error("This is none of the states.")]
    UnknownReplacement,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let invalid = |code| Self::new(Kind::Invalid, code, error.to_string());
        let status = |code, index: usize, field| invalid(code).at(format!("/project_statuses/{index}/{field}"));
        match &error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
            Error::LastOwner => Self::new(Kind::Conflict, "last-owner", error.to_string()),
            Error::NotInThePlan => Self::new(Kind::Forbidden, "not-in-the-plan", error.to_string()),
            Error::NotALanguage => invalid("not-a-language").at("/locale"),
            Error::NotATimeZone => invalid("not-a-time-zone").at("/time_zone"),
            Error::HowManyStatuses => invalid("out-of-range").at("/project_statuses"),
            Error::InUse { .. } => {
                Self::new(Kind::Conflict, "status-in-use", error.to_string()).at("/project_statuses")
            }
            Error::UnknownReplacement => invalid("unknown-status").at("/replace_with"),
            Error::BadKey(index) => status("bad-key", *index, "key"),
            Error::SameKey(index) => status("duplicate-value", *index, "key"),
            Error::SameName(index) => status("duplicate-value", *index, "name"),
            Error::OtherCategory(index) => status("category-fixed", *index, "category"),
            Error::NotAColor(index) => status("not-a-color", *index, "color"),
        }
    }
}

pub(super) fn decide(workspace: &Workspace, command: &Command) -> Result<Vec<Event>, Error> {
    let exists = !workspace.name.is_empty();
    match command {
        Command::Create { .. } if exists => Err(Error::AlreadyExists),
        Command::Create { name, plan, locale } => {
            Ok(vec![Event::Created { name: name.clone(), plan: *plan, locale: locale.clone() }])
        }
        _ if !exists => Err(Error::NotFound),
        Command::Update(changes) => update(workspace, changes),
        Command::BringBack(states) => Ok(statuses::brought_back(&workspace.project_statuses, states)),
        Command::AddOwner(id) if workspace.owner_ids.contains(id) => Ok(Vec::new()),
        Command::AddOwner(id) => Ok(vec![Event::OwnerAdded { member_id: *id }]),
        Command::RemoveOwner(id) if !workspace.owner_ids.contains(id) => Ok(Vec::new()),
        Command::RemoveOwner(_) if workspace.owner_ids.len() == 1 => Err(Error::LastOwner),
        Command::RemoveOwner(id) => Ok(vec![Event::OwnerRemoved { member_id: *id }]),
        Command::AllowKey { format } if workspace.plan.has_keys(format) => Ok(Vec::new()),
        Command::AllowKey { .. } => Err(Error::NotInThePlan),
    }
}

fn update(workspace: &Workspace, changes: &Changes) -> Result<Vec<Event>, Error> {
    let mut events = Vec::new();
    if let Some(name) = changes.name.as_ref().filter(|name| **name != workspace.name) {
        events.push(Event::Renamed { name: name.clone() });
    }
    if let Some(plan) = changes.plan.filter(|plan| *plan != workspace.plan) {
        events.push(Event::PlanChanged { plan });
    }
    if let Some(locale) = changes.locale.as_ref().filter(|locale| **locale != workspace.locale) {
        if !is_language(locale) {
            return Err(Error::NotALanguage);
        }
        events.push(Event::LocaleChanged { locale: locale.clone() });
    }
    if let Some(time_zone) = changes.time_zone.as_ref().filter(|zone| **zone != workspace.time_zone) {
        if !is_time_zone(time_zone) {
            return Err(Error::NotATimeZone);
        }
        events.push(Event::TimeZoneChanged { time_zone: time_zone.clone() });
    }
    if let Some(next) = &changes.project_statuses {
        events.extend(statuses::changes(&workspace.project_statuses, next)?);
        statuses::check_use(&workspace.project_statuses, changes, next)?;
    }
    Ok(events)
}
