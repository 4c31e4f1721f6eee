//! A project: what tasks belong to.
//!
//! It gets a number `YYYY-NNNN` of the year it is created in. An archived project keeps its tasks but takes no new
//! ones. Deleting a project hides its tasks with it; restoring it brings them back.

mod decide;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use decide::Error;

use crate::aggregate::{Aggregate, Context, Effects, Lifecycle, event_sourced};

/// A project's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ProjectFields))]
pub struct Project {
    /// `YYYY-NNNN`, unique per workspace.
    pub project_number: String,
    /// Its name.
    pub name: String,
    /// Markdown.
    pub description: Option<String>,
    /// Whether it takes new tasks no more.
    pub archived: bool,
    /// Whether it was taken away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub deleted: bool,
}

impl Default for Project {
    fn default() -> Self {
        Self { project_number: String::new(), name: String::new(), description: None, archived: false, deleted: true }
    }
}

/// What one can ask of a project.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Bring it into being.
    Create {
        /// Its name.
        name: String,
        /// Markdown.
        description: Option<String>,
    },
    /// Change some fields: `None` leaves one as it is, `Some(None)` clears it.
    Update {
        /// A new name.
        name: Option<String>,
        /// A new description.
        description: Option<Option<String>>,
        /// Archive it, or take it back into use.
        archived: Option<bool>,
    },
    /// Take it away with its tasks.
    Delete,
    /// Bring it back with its tasks.
    Restore,
}

/// What can have happened to a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// It came into being.
    #[serde(rename = "project.created")]
    Created {
        /// Its name.
        name: String,
        /// Its description.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// The year its number belongs to.
        year: i32,
    },
    /// Its name changed.
    #[serde(rename = "project.renamed")]
    Renamed {
        /// The new one.
        name: String,
    },
    /// Its description changed.
    #[serde(rename = "project.described")]
    Described {
        /// The new one.
        description: Option<String>,
    },
    /// It takes no new tasks from now on.
    #[serde(rename = "project.archived")]
    Archived,
    /// It takes new tasks again.
    #[serde(rename = "project.unarchived")]
    Unarchived,
    /// It was taken away.
    #[serde(rename = "project.deleted")]
    Deleted,
    /// It was brought back.
    #[serde(rename = "project.restored")]
    Restored,
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "project.created",
            Self::Renamed { .. } => "project.renamed",
            Self::Described { .. } => "project.described",
            Self::Archived => "project.archived",
            Self::Unarchived => "project.unarchived",
            Self::Deleted => "project.deleted",
            Self::Restored => "project.restored",
        }
    }
}

event_sourced!(Project, "project");

impl Aggregate for Project {
    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
        decide::decide(self, command, context)
    }

    fn effects(&self, event: &Event) -> Effects {
        match event {
            Event::Created { year, .. } => {
                Effects { series: Some(year.to_string()), ..Effects::lifecycle(Lifecycle::Alive) }
            }
            Event::Restored => Effects::lifecycle(Lifecycle::Alive),
            Event::Deleted => Effects::lifecycle(Lifecycle::Gone),
            _ => Effects::default(),
        }
    }

    fn alive(&self) -> bool {
        !self.deleted
    }

    fn take_series(&mut self, series: &str) {
        series.clone_into(&mut self.project_number);
    }
}

impl Project {
    fn evolve(&mut self, event: Event) {
        match event {
            Event::Created { name, description, .. } => {
                *self = Self { name, description, deleted: false, ..Self::default() };
            }
            Event::Renamed { name } => self.name = name,
            Event::Described { description } => self.description = description,
            Event::Archived => self.archived = true,
            Event::Unarchived => self.archived = false,
            Event::Deleted => self.deleted = true,
            Event::Restored => self.deleted = false,
        }
    }
}
