//! The rules of a project.

use chrono::Datelike;

use super::{Command, Event, Project};
use crate::aggregate::Context;
use crate::refusal::{Kind, Refusal};

/// Why a command for a project is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such project.
    #[error("There is no such project.")]
    NotFound,
    /// The id is taken.
    #[error("There is already a project with this id.")]
    AlreadyExists,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
        }
    }
}

pub(super) fn decide(project: &Project, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
    let exists = !project.name.is_empty();
    match command {
        Command::Create { .. } if exists => Err(Error::AlreadyExists),
        Command::Create { name, description } => {
            Ok(vec![Event::Created { name: name.clone(), description: description.clone(), year: context.now.year() }])
        }
        Command::Restore if exists => Ok(if project.deleted { vec![Event::Restored] } else { Vec::new() }),
        _ if project.deleted => Err(Error::NotFound),
        Command::Update { name, description, archived } => {
            Ok(update(project, name.as_ref(), description.as_ref(), *archived))
        }
        Command::Delete => Ok(vec![Event::Deleted]),
        Command::Restore => Err(Error::NotFound),
    }
}

fn update(
    project: &Project,
    name: Option<&String>,
    description: Option<&Option<String>>,
    archived: Option<bool>,
) -> Vec<Event> {
    let mut events = Vec::new();
    if let Some(name) = name.filter(|name| **name != project.name) {
        events.push(Event::Renamed { name: name.clone() });
    }
    if let Some(description) = description.filter(|text| **text != project.description) {
        events.push(Event::Described { description: description.clone() });
    }
    if let Some(archived) = archived.filter(|archived| *archived != project.archived) {
        events.push(if archived { Event::Archived } else { Event::Unarchived });
    }
    events
}
