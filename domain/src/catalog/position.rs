//! A position: what a member is in the workspace, for example a designer.

use super::fields::fields;
use super::{Entry, Kind, Names, claim};
use crate::aggregate::Claim;

/// A position of the workspace.
pub type Position = Entry<Fields>;
/// What one can ask of a position.
pub type Command = super::Command<Fields>;
/// What can have happened to a position.
pub type Event = super::Event<Fields>;

fields! {
    /// What a position has of its own.
    PositionFields {
        /// Its name, unique in the workspace whatever its case.
        name: String,
    }
}

impl Kind for Fields {
    type Changes = Changes;
    const KIND: &'static str = "position";
    const EVENTS: Names = Names {
        created: "position.created",
        changed: "position.changed",
        deleted: "position.deleted",
        restored: "position.restored",
    };

    fn name(&self) -> &str {
        &self.name
    }

    fn claims(&self) -> Vec<Claim> {
        vec![claim("position.name", &self.name, "/name")]
    }
}
