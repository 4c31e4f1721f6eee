//! A project: what tasks belong to.
//!
//! It gets a number `YYYY-NNNN` of the year it is created in, and may have a short code that no other project has. It is
//! in one of the states that its workspace has for projects, and may have phases, in an order of their own. It may be
//! done for a customer; only then is it billable or not. An archived project keeps its tasks but takes no new ones.
//! Deleting a project hides its tasks with it, and frees its code; restoring it brings them back.

mod command;
mod decide;
mod event;
mod phase;
mod state;
#[cfg(test)]
mod tests;
mod undo;

use chrono::{DateTime, Utc};

pub use command::{Changes, Command, Create, PhaseChanges, StatusChoice};
pub use decide::Error;
pub use event::{Created, Event};
pub use phase::{MOST_PHASES, Phase};
pub use state::Project;

use crate::aggregate::{Aggregate, Claim, Context, Effects, Lifecycle, Reference, event_sourced};

/// How many members a project may have.
pub const MOST_MEMBERS: usize = 500;

event_sourced!(Project, "project");

impl Aggregate for Project {
    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
        decide::decide(self, command, context)
    }

    fn references(&self, command: &Command) -> Vec<Reference> {
        decide::references(self, command)
    }

    fn effects(&self, event: &Event) -> Effects {
        let effects = match event {
            Event::Created(new) => {
                Effects { series: Some(new.year.to_string()), ..Effects::lifecycle(Lifecycle::Alive) }
            }
            Event::Restored => Effects::lifecycle(Lifecycle::Alive),
            Event::Deleted => Effects::lifecycle(Lifecycle::Gone),
            Event::CodeSet { .. } => Effects::default(),
            _ => return Effects::default(),
        };
        let mut after = self.clone();
        after.evolve(event.clone());
        let (held, wanted) = (self.code_claim(), after.code_claim());
        let claims = |claim: Option<Claim>| if held == wanted { Vec::new() } else { claim.into_iter().collect() };
        Effects { takes: claims(wanted.clone()), frees: claims(held.clone()), ..effects }
    }

    fn inverse(&self, event: &Event) -> Option<Vec<Event>> {
        undo::inverse(self, event)
    }

    fn removal(&self, now: DateTime<Utc>) -> Option<Vec<Event>> {
        Some(undo::removal(self, now))
    }

    fn rule(&self, event: &Event) -> Option<Command> {
        undo::rule(self, event)
    }

    fn alive(&self) -> bool {
        !self.deleted
    }

    fn take_series(&mut self, series: &str) {
        series.clone_into(&mut self.project_number);
    }
}

impl Project {
    /// Its code is its own as long as it is there.
    fn code_claim(&self) -> Option<Claim> {
        let code = self.code.clone().filter(|_| self.alive());
        code.map(|value| Claim { scope: "project.code", value, pointer: "/code" })
    }
}
