//! A label: what tasks are marked with.

use super::fields::fields;
use super::{Entry, Error, Kind, Names, check_color, claim};
use crate::aggregate::Claim;

/// A label of the workspace.
pub type Label = Entry<Fields>;
/// What one can ask of a label.
pub type Command = super::Command<Fields>;
/// What can have happened to a label.
pub type Event = super::Event<Fields>;

fields! {
    /// What a label has of its own.
    LabelFields {
        /// Its name, unique in the workspace whatever its case.
        name: String,
        /// `#rrggbb`.
        color: Option<String>,
    }
}

impl Kind for Fields {
    type Changes = Changes;
    const KIND: &'static str = "label";
    const EVENTS: Names = Names {
        created: "label.created",
        changed: "label.changed",
        deleted: "label.deleted",
        restored: "label.restored",
    };

    fn name(&self) -> &str {
        &self.name
    }

    fn claims(&self) -> Vec<Claim> {
        vec![claim("label.name", &self.name, "/name")]
    }

    fn check(&self) -> Result<(), Error> {
        check_color(self.color.as_deref())
    }
}
