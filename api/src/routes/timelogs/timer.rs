//! Commands that concern a member's running timer, whichever that is. The read model says which; if it is behind what
//! another key has done, the log refuses the command, and it is tried again with what the log knows by now.

use docket_commands::{Answer, Error, Idempotency, ItemError, Mode};
use docket_domain::Intent;
use docket_domain::ids::MemberId;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// A member's timer.
pub struct Timer<'a> {
    /// The app.
    pub app: &'a App,
    /// Who asks.
    pub caller: &'a Caller,
    /// Whose timer.
    pub member: MemberId,
}

/// How often it is tried: others may be starting and stopping the same member's timers.
const TRIES: usize = 5;

impl Timer<'_> {
    /// Carries out what is to be done, given the running timer.
    pub async fn execute(
        &self,
        idempotency: Option<Idempotency>,
        intents: impl Fn(Option<Uuid>) -> Vec<Intent>,
    ) -> Result<Answer, Problem> {
        let mut reader = self.caller.reader();
        for attempt in 1..=TRIES {
            let running = self.app.reads.running_timer(&reader, self.member, None).await?.map(|(id, _)| id);
            let done = self.app.try_execute(self.caller, idempotency, intents(running), Mode::Atomic).await?;
            let is_known = attempt > 1 && running.is_none();
            match done {
                Err(error) if attempt < TRIES && was_behind(&error, is_known) => {
                    reader.min_position = Some(self.app.reads.head(self.caller.workspace).await?);
                }
                done => return Ok(done?),
            }
        }
        Err(Error::Contended.into())
    }
}

/// Whether the read model was behind: there was a timer that it did not know of, or not the one it knew, unless that
/// none runs is known for sure.
fn was_behind(error: &Error, none_runs: bool) -> bool {
    let Error::Item { error: ItemError::Refused(refusal), .. } = error else { return false };
    match &*refusal.code {
        "already-taken" => true,
        "no-running-timer" => !none_runs,
        _ => false,
    }
}
