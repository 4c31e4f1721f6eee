//! The bugs that are planted in a Docket, one at a time, and the promise that each breaks.

use crate::check::REBUILT;

/// A bug.
pub struct Bug {
    /// What it is called.
    pub name: &'static str,
    /// Where it is.
    pub place: Place,
    /// The promise that it breaks, at least.
    pub breaks: &'static str,
    /// Whether it takes a crash of PostgreSQL to be felt.
    pub crash: bool,
}

/// Where a bug is.
#[derive(Clone, Copy)]
pub enum Place {
    /// In the program: at the failpoint of its name, which strikes every so many times that it is come by.
    Program(u32),
    /// In the database's function that appends: this in it is that instead.
    Append(&'static str, &'static str),
}

const ACKNOWLEDGED: &str = "an acknowledged command is in the log, once";
const READ: &str = "a key reads what it wrote, on every node";
const SHOWN: &str = "read models show what a fold of the log comes to";
const TOLD: &str = "everybody is told what concerns them, once";
const HEARD: &str = "who listens over NATS hears all they are told, in order";
const NUMBERS: &str = "numbers are 1, 2, 3 … in each workspace and kind";

const fn point(name: &'static str, every: u32, breaks: &'static str) -> Bug {
    Bug { name, place: Place::Program(every), breaks, crash: false }
}

const fn append(name: &'static str, is: &'static str, becomes: &'static str, breaks: &'static str) -> Bug {
    Bug { name, place: Place::Append(is, becomes), breaks, crash: false }
}

/// All of them.
pub const BUGS: [Bug; 26] = [
    Bug { crash: true, ..point("answers-before-the-commit", 1, ACKNOWLEDGED) },
    point("commits-again", 1, ACKNOWLEDGED),
    point("forgets-receipts", 20, ACKNOWLEDGED),
    point("mixes-up-tenants", 3, ACKNOWLEDGED),
    point("refuses-what-it-committed", 30, "a refused command is not in the log"),
    point("commits-half-a-batch", 1, "a batch is in the log as a whole or not at all"),
    point("answers-another-number", 10, "an answer says what the log says"),
    point("repeats-an-older-answer", 1, "a repeat is answered like the first"),
    point("ignores-if-match", 1, "what was to be changed at a version was at it"),
    point("lets-two-timers-run", 1, "nobody has two timers running"),
    point("reads-do-not-wait", 1, READ),
    point("checkpoint-before-rows", 10, SHOWN),
    point("skips-an-event", 40, SHOWN),
    point("shows-the-deleted", 1, SHOWN),
    point("counts-twice", 5, REBUILT),
    point("drops-a-notification", 3, TOLD),
    point("tells-twice", 3, TOLD),
    point("carries-not-all", 3, HEARD),
    point("lets-others-hear", 1, HEARD),
    point("leaves-a-leaf-out", 50, "signed roots are those of the stored bytes"),
    append(
        "skips-a-position",
        "v_at := v_at + c_events[c];",
        "v_at := v_at + c_events[c] + (random() < 0.02)::int;",
        "positions are 1, 2, 3 … in each partition",
    ),
    append(
        "miscounts-versions",
        "version = s_expected[s] + s_added[s]",
        "version = s_expected[s] + s_added[s] + (random() < 0.05)::int",
        "versions are 1, 2, 3 … of each resource",
    ),
    append(
        "gives-a-number-twice",
        "last = k.last + excluded.last;",
        "last = k.last + excluded.last - (random() < 0.05)::int;",
        NUMBERS,
    ),
    append(
        "skips-a-number",
        "last = k.last + excluded.last;",
        "last = k.last + excluded.last + (random() < 0.05)::int;",
        NUMBERS,
    ),
    append(
        "takes-a-slow-clock",
        "greatest(h.recorded_at, clock_timestamp())",
        "clock_timestamp() - random() * interval '1 minute'",
        "times never go back",
    ),
    append("forgets-the-mark", "set mark = q.mark", "set mark = t.mark", READ),
];
