//! Whether all that was answered is true, and all that is true was answered. Shares no code with Docket: what is checked
//! here is what its documentation promises.

mod answers;
mod fold;
mod heard;
mod log;
mod merkle;
mod notes;
mod shown;
mod timers;
mod told;

use crate::facts::Facts;
use crate::history::History;

/// A promise, and how it is checked: whatever is said is a breach of it.
pub struct Promise {
    /// The promise.
    pub says: &'static str,
    check: fn(&Facts, &History) -> Vec<String>,
}

/// All that is checked.
pub const PROMISES: [Promise; 22] = [
    Promise { says: "positions are 1, 2, 3 … in each partition", check: log::positions },
    Promise { says: "versions are 1, 2, 3 … of each resource", check: log::versions },
    Promise { says: "numbers are 1, 2, 3 … in each workspace and kind", check: log::numbers },
    Promise { says: "times never go back", check: log::times },
    Promise { says: "a command's events follow each other", check: log::commands },
    Promise { says: "an acknowledged command is in the log, once", check: answers::acknowledged },
    Promise { says: "an acknowledged command is in the log to its end", check: answers::entire },
    Promise { says: "a refused command is not in the log", check: answers::refused },
    Promise { says: "a batch is in the log as a whole or not at all", check: answers::whole },
    Promise { says: "an answer says what the log says", check: answers::truthful },
    Promise { says: "what is to be refused is, and nothing else", check: |_, history| history.wrong.clone() },
    Promise { says: "what was to be changed at a version was at it", check: answers::conditional },
    Promise { says: "nobody has two timers running", check: timers::one_each },
    Promise { says: "a key reads what it wrote, on every node", check: |_, history| history.stale.clone() },
    Promise { says: "a repeat is answered like the first", check: |_, history| history.otherwise.clone() },
    Promise { says: "nothing is parked, and no model is behind", check: shown::caught_up },
    Promise { says: "read models show what a fold of the log comes to", check: shown::compare },
    Promise { says: "everybody is told what concerns them, once", check: told::complete },
    Promise { says: "who listens over NATS hears all they are told, in order", check: heard::complete },
    Promise { says: "signed roots are those of the stored bytes", check: merkle::roots },
    Promise { says: "checkpoints are signed with the installation's key", check: notes::signed },
    Promise { says: "the log begins with all that was signed meanwhile", check: merkle::kept },
];

/// What is checked last, by building the read models anew.
pub const REBUILT: &str = "read models are the same after a rebuild from the log";

/// Whether somebody has not heard yet what they were told.
pub fn unheard(facts: &Facts, history: &History) -> bool {
    !heard::complete(facts, history).is_empty()
}

impl Promise {
    /// The breaches.
    pub fn breaches(&self, facts: &Facts, history: &History) -> Vec<String> {
        (self.check)(facts, history)
    }
}
