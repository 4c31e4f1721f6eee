//! A team: members who work together.

use std::collections::HashSet;

use uuid::Uuid;

use super::fields::fields;
use super::{Entry, Kind, Names, claim};
use crate::aggregate::{Claim, Reference};
use crate::ids::MemberId;
use crate::member::Member;

/// A team of the workspace.
pub type Team = Entry<Fields>;
/// What one can ask of a team.
pub type Command = super::Command<Fields>;
/// What can have happened to a team.
pub type Event = super::Event<Fields>;

fields! {
    /// What a team has of its own.
    TeamFields {
        /// Its name, unique in the workspace whatever its case.
        name: String,
        /// Markdown.
        description: Option<String>,
        /// Who belongs to it, each once.
        member_ids: Vec<MemberId>,
    }
}

impl Kind for Fields {
    type Changes = Changes;
    const KIND: &'static str = "team";
    const EVENTS: Names =
        Names { created: "team.created", changed: "team.changed", deleted: "team.deleted", restored: "team.restored" };

    fn name(&self) -> &str {
        &self.name
    }

    fn claims(&self) -> Vec<Claim> {
        vec![claim("team.name", &self.name, "/name")]
    }

    fn refers_to(&self) -> Vec<Uuid> {
        self.member_ids.iter().map(|id| id.0).collect()
    }

    fn tidy(&mut self) {
        let mut seen = HashSet::new();
        self.member_ids.retain(|id| seen.insert(*id));
    }

    /// Whoever joins has to be there; whoever belongs to it already may have gone.
    fn references(&self, next: &Self) -> Vec<Reference> {
        let joining = next.member_ids.iter().enumerate().filter(|(_, id)| !self.member_ids.contains(id));
        joining.map(|(index, id)| Reference::alive::<Member>(id.0, format!("/member_ids/{index}"))).collect()
    }
}
