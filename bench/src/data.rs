//! Made-up data that looks like the real thing.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::{Builder, Uuid};

const VERBS: [&str; 16] = [
    "Fix",
    "Review",
    "Replace",
    "Document",
    "Measure",
    "Translate",
    "Prepare",
    "Clean up",
    "Order",
    "Check",
    "Plan",
    "Publish",
    "Test",
    "Move",
    "Describe",
    "Approve",
];
const THINGS: [&str; 16] = [
    "the invoice template",
    "login on old phones",
    "the harbour drawings",
    "unit prices",
    "the weekly report",
    "the import of customers",
    "spare pumps",
    "the staff handbook",
    "search results",
    "the delivery schedule",
    "the wiring plan",
    "error messages",
    "the landing page",
    "opening hours",
    "access for guests",
    "backup jobs",
];
const CIRCUMSTANCES: [&str; 8] = [
    "before Friday",
    "for Lübeck",
    "again",
    "with Anna",
    "after the audit",
    "in the new hall",
    "for version 2",
    "by hand",
];

/// The words a task's priority can be.
pub const PRIORITIES: [&str; 5] = ["none", "low", "medium", "high", "urgent"];
/// The words a task's status can be.
pub const STATUSES: [&str; 7] = ["backlog", "todo", "in_progress", "in_review", "done", "cancelled", "duplicate"];

/// Fast and different in every place.
pub fn rng() -> StdRng {
    StdRng::from_rng(&mut rand::rng())
}

/// A version 4 UUID that costs no system call.
pub fn uuid(rng: &mut StdRng) -> Uuid {
    Builder::from_random_bytes(rng.random()).into_uuid()
}

/// One of several.
pub fn pick<'a, T>(rng: &mut StdRng, from: &'a [T]) -> &'a T {
    &from[rng.random_range(0..from.len())]
}

/// A title of about forty characters.
pub fn title(rng: &mut StdRng) -> String {
    let (verb, thing, circumstance) = (pick(rng, &VERBS), pick(rng, &THINGS), pick(rng, &CIRCUMSTANCES));
    format!("{verb} {thing} {circumstance} #{}", rng.random_range(1..10_000))
}

/// Payload and metadata of an event, as long as real ones.
pub struct Event {
    /// What changed.
    pub payload: String,
    /// Who, with what and why.
    pub metadata: String,
}

impl Event {
    /// A task that came into being.
    pub fn sample() -> Self {
        let mut rng = rng();
        let (project, member, key) = (uuid(&mut rng), uuid(&mut rng), uuid(&mut rng));
        let (request, command, title) = (uuid(&mut rng), uuid(&mut rng), title(&mut rng));
        Self {
            payload: format!(
                r#"{{"type":"task.created","project_id":"{project}","title":"{title}","status":"todo","priority":"medium"}}"#
            ),
            metadata: format!(
                r#"{{"actor":{{"type":"member","id":"{member}"}},"key_id":"{key}","request_id":"{request}","correlation_id":"{request}","causation_id":"{command}","dialect":"native","idempotency_key_hash":"{:064x}"}}"#,
                command.as_u128()
            ),
        }
    }
}
