//! A timelog: time that a member has worked, on a task or for a project.
//!
//! It is logged with start and end, or begins as a running timer that is stopped later; a member has one running timer
//! at most. It can be corrected, voided (it counts no more) and restored. It ends after it starts, and not in the
//! future. It belongs to a project: its task's at the time, if it names a task. It counts for one day: that on which it
//! started, in the time zone that was stated, or in the workspace's. It is billable or not, as its task or project is
//! unless said otherwise, if the project has a customer; and stays so, whatever becomes of the customer. The day is kept, and never shifted by anybody else's zone. Time that was
//! worked stays, whatever becomes of task, project and member.

mod command;
mod decide;
mod event;
mod state;
#[cfg(test)]
mod tests;
mod undo;
mod zone;

pub use command::{Action, Changes, Command, Reach, Reckoned, Work};
pub use decide::{Error, LONGEST};
pub use event::{Correction, Entry, Event};
pub use state::Timelog;
pub use zone::Zone;

use crate::aggregate::{Aggregate, Claim, Context, Effects, Lifecycle, Reference, References, event_sourced};
use crate::ids::MemberId;
use chrono::{DateTime, Utc};

event_sourced!(Timelog, "timelog");

/// A member has one running timer at most.
fn running_claim(member: MemberId) -> Claim {
    Claim { scope: "timelog.running", value: member.to_string(), pointer: "/member_id" }
}

impl Aggregate for Timelog {
    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Error> {
        decide::decide(self, command, context)
    }

    fn references(&self, command: &Command) -> Vec<Reference> {
        decide::references(self, command)
    }

    fn further_references(&self, command: &Command, known: &References) -> Vec<Reference> {
        decide::further_references(self, command, known)
    }

    fn effects(&self, event: &Event) -> Effects {
        match event {
            Event::Logged(_) | Event::Restored => Effects::lifecycle(Lifecycle::Alive),
            Event::TimerStarted(entry) => {
                Effects { takes: vec![running_claim(entry.member_id)], ..Effects::lifecycle(Lifecycle::Alive) }
            }
            Event::TimerStopped { .. } => Effects { frees: vec![running_claim(self.member_id)], ..Effects::default() },
            Event::Corrected(_) => Effects::default(),
            Event::Voided => Effects::lifecycle(Lifecycle::Gone),
        }
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
        !self.voided
    }
}
