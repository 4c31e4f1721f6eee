//! A batch of commands that can be judged together because none depends on another.

use std::collections::HashSet;

use uuid::Uuid;

use super::Append;

/// Commands for one call of `log.append`.
#[derive(Default)]
pub struct Batch<'a> {
    written: HashSet<Uuid>,
    required: HashSet<Uuid>,
    receipts: HashSet<(Uuid, [u8; 32])>,
    claims: HashSet<(Uuid, &'static str, &'a str)>,
    commands: usize,
    events: usize,
    bytes: usize,
}

/// How many commands share a commit at most.
pub const MOST_COMMANDS: usize = 256;
const MOST_EVENTS: usize = 2_000;
const MOST_BYTES: usize = 8 << 20;

impl<'a> Batch<'a> {
    /// Takes the command in, unless the batch is full or the command depends on one that is in it already.
    pub fn admit(&mut self, append: &'a Append) -> bool {
        let events: usize = append.writes.iter().map(|write| write.events.len()).sum();
        let bytes: usize = append.writes.iter().flat_map(|w| &w.events).map(|(e, _)| e.payload.get().len()).sum();
        let fits = self.commands == 0
            || (self.commands < MOST_COMMANDS
                && self.events + events <= MOST_EVENTS
                && self.bytes + bytes <= MOST_BYTES);
        if !fits || self.entangled(append) {
            return false;
        }
        self.commands += 1;
        self.events += events;
        self.bytes += bytes;
        self.written.extend(append.writes.iter().map(|write| write.id));
        self.required.extend(append.requires.iter().map(|require| require.id));
        self.receipts.extend(append.receipt.iter().map(|(sent, _)| (append.principal, sent.key)));
        self.claims.extend(claims(append));
        true
    }

    fn entangled(&self, append: &'a Append) -> bool {
        append.writes.iter().any(|write| self.written.contains(&write.id) || self.required.contains(&write.id))
            || append.requires.iter().any(|require| self.written.contains(&require.id))
            || append.receipt.iter().any(|(sent, _)| self.receipts.contains(&(append.principal, sent.key)))
            || claims(append).any(|claim| self.claims.contains(&claim))
    }
}

fn claims(append: &Append) -> impl Iterator<Item = (Uuid, &'static str, &str)> {
    let effects = append.writes.iter().map(|write| &write.effects);
    effects
        .flat_map(|effects| effects.takes.iter().chain(&effects.frees))
        .map(|claim| (append.workspace.0, claim.scope, claim.value.as_str()))
}
