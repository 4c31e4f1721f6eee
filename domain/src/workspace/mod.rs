//! A workspace: the tenant, its name and its plan.
//!
//! Its people and labels are aggregates of their own, so that inviting a member never stands in the way of the
//! commands that refer to the workspace. What must be unique in it (e-mail addresses, label names) is a claim.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, Context, Effects, Lifecycle, event_sourced};
use crate::refusal::{Kind, Refusal};

/// What a workspace pays for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Nothing.
    #[default]
    Free,
    /// A little.
    Pro,
    /// Per team.
    Team,
    /// By contract.
    Enterprise,
}

/// A workspace's state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = WorkspaceFields))]
pub struct Workspace {
    /// Its name.
    pub name: String,
    /// What it pays for.
    pub plan: Plan,
    /// BCP 47 language tag.
    pub locale: String,
}

/// What one can ask of a workspace.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Set it up.
    Create {
        /// Its name.
        name: String,
        /// What it pays for.
        plan: Plan,
        /// BCP 47 language tag.
        locale: String,
    },
    /// Give it another name.
    Rename {
        /// The new one.
        name: String,
    },
}

/// What can have happened to a workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// It was set up.
    #[serde(rename = "workspace.created")]
    Created {
        /// Its name.
        name: String,
        /// What it pays for.
        plan: Plan,
        /// BCP 47 language tag.
        locale: String,
    },
    /// It got another name.
    #[serde(rename = "workspace.renamed")]
    Renamed {
        /// The new one.
        name: String,
    },
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "workspace.created",
            Self::Renamed { .. } => "workspace.renamed",
        }
    }
}

/// Why a command for a workspace is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such workspace.
    #[error("There is no such workspace.")]
    NotFound,
    /// The id is taken.
    #[error("There is already a workspace with this id.")]
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

event_sourced!(Workspace, "workspace");

impl Aggregate for Workspace {
    fn decide(&self, command: &Command, _: &Context) -> Result<Vec<Event>, Error> {
        match command {
            Command::Create { .. } if self.alive() => Err(Error::AlreadyExists),
            Command::Create { name, plan, locale } => {
                Ok(vec![Event::Created { name: name.clone(), plan: *plan, locale: locale.clone() }])
            }
            Command::Rename { .. } if !self.alive() => Err(Error::NotFound),
            Command::Rename { name } if *name == self.name => Ok(Vec::new()),
            Command::Rename { name } => Ok(vec![Event::Renamed { name: name.clone() }]),
        }
    }

    fn effects(&self, event: &Event) -> Effects {
        match event {
            Event::Created { .. } => Effects::lifecycle(Lifecycle::Alive),
            Event::Renamed { .. } => Effects::default(),
        }
    }

    fn alive(&self) -> bool {
        !self.name.is_empty()
    }
}

impl Workspace {
    fn evolve(&mut self, event: Event) {
        match event {
            Event::Created { name, plan, locale } => *self = Self { name, plan, locale },
            Event::Renamed { name } => self.name = name,
        }
    }
}
