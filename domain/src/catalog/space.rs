//! A space: where projects that belong together are found.

use super::fields::fields;
use super::{Entry, Error, Kind, Names, check_color, claim};
use crate::aggregate::Claim;

/// A space of the workspace.
pub type Space = Entry<Fields>;
/// What one can ask of a space.
pub type Command = super::Command<Fields>;
/// What can have happened to a space.
pub type Event = super::Event<Fields>;

fields! {
    /// What a space has of its own.
    SpaceFields {
        /// Its name, unique in the workspace whatever its case.
        name: String,
        /// Markdown.
        description: Option<String>,
        /// `#rrggbb`.
        color: Option<String>,
        /// What stands beside its name: an emoji, or the name of a picture.
        icon: Option<String>,
    }
}

impl Kind for Fields {
    type Changes = Changes;
    const KIND: &'static str = "space";
    const EVENTS: Names = Names {
        created: "space.created",
        changed: "space.changed",
        deleted: "space.deleted",
        restored: "space.restored",
    };

    fn name(&self) -> &str {
        &self.name
    }

    fn claims(&self) -> Vec<Claim> {
        vec![claim("space.name", &self.name, "/name")]
    }

    fn check(&self) -> Result<(), Error> {
        check_color(self.color.as_deref())
    }
}
