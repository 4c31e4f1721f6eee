//! A label that tasks can carry. Its name is unique in the workspace, whatever its case.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, Claim, Context, Effects, Lifecycle, event_sourced};
use crate::refusal::{Kind, Refusal};

/// A label's state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LabelFields))]
pub struct Label {
    /// Its name.
    pub name: String,
    /// `#rrggbb`.
    pub color: Option<String>,
}

/// What one can ask of a label.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Bring it into being.
    Create {
        /// Its name.
        name: String,
        /// `#rrggbb`.
        color: Option<String>,
    },
}

/// What can have happened to a label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// It came into being.
    #[serde(rename = "label.created")]
    Created {
        /// Its name.
        name: String,
        /// `#rrggbb`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        color: Option<String>,
    },
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "label.created",
        }
    }
}

/// Why a command for a label is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The id is taken.
    #[error("There is already a label with this id.")]
    AlreadyExists,
    /// Not a colour.
    #[error("A colour is written #rrggbb.")]
    NotAColor,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::AlreadyExists => Self::new(Kind::Conflict, "already-exists", error.to_string()),
            Error::NotAColor => Self::new(Kind::Invalid, "not-a-color", error.to_string()).at("/color"),
        }
    }
}

event_sourced!(Label, "label");

impl Aggregate for Label {
    fn decide(&self, command: &Command, _: &Context) -> Result<Vec<Event>, Error> {
        match command {
            Command::Create { .. } if self.alive() => Err(Error::AlreadyExists),
            Command::Create { color: Some(color), .. } if !is_color(color) => Err(Error::NotAColor),
            Command::Create { name, color } => Ok(vec![Event::Created { name: name.clone(), color: color.clone() }]),
        }
    }

    fn effects(&self, event: &Event) -> Effects {
        match event {
            Event::Created { name, .. } => Effects {
                takes: vec![Claim { scope: "label.name", value: name.to_lowercase(), pointer: "/name" }],
                ..Effects::lifecycle(Lifecycle::Alive)
            },
        }
    }

    fn alive(&self) -> bool {
        !self.name.is_empty()
    }
}

impl Label {
    fn evolve(&mut self, event: Event) {
        match event {
            Event::Created { name, color } => *self = Self { name, color },
        }
    }
}

fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|b| b.is_ascii_hexdigit())
}
