//! Signed notes (C2SP signed-note and tlog-checkpoint, Ed25519): whether a checkpoint is signed, and what it says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::facts::Facts;
use crate::history::History;

/// Ed25519, as keys call it.
const ED25519: u8 = 1;

/// Those there are in the end, and those that were kept meanwhile.
pub fn signed(facts: &Facts, history: &History) -> Vec<String> {
    let last = facts.trees.iter().map(|(workspace, (_, note))| (*workspace, note.as_str()));
    let kept = history.witnessed.iter().map(|(workspace, note)| (*workspace, &**note));
    let mut breaches = Vec::new();
    for (workspace, note) in last.chain(kept) {
        let keys = facts.keys.get(&workspace).map(String::as_str).unwrap_or_default();
        if !is_signed(note, workspace, keys) {
            breaches.push(format!("{note:?} of {workspace} is not signed with {keys:?}"));
        }
    }
    breaches
}

/// How many events a checkpoint covers, and the root of their tree.
pub fn covered(note: &str) -> Option<(i64, &str)> {
    let mut lines = note.lines().skip(1);
    Some((lines.next()?.parse().ok()?, lines.next()?))
}

/// Whether each of the keys, one a line, has signed a workspace's note.
fn is_signed(note: &str, workspace: Uuid, keys: &str) -> bool {
    let Some(end) = note.rfind("\n\n") else { return false };
    // What is signed ends with a line break; the other one belongs to the empty line.
    let (text, signatures) = (&note[..=end], &note[end + 2..]);
    let signs = |key: Key| key.is_for(text, workspace) && signatures.lines().any(|line| key.has_signed(text, line));
    !keys.is_empty() && keys.lines().all(|key| Key::read(key).is_some_and(signs))
}

/// A public key: `<name>+<id>+<algorithm and key>`.
struct Key {
    name: String,
    id: [u8; 4],
    verifies: VerifyingKey,
}

impl Key {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '+');
        let (name, id, key) = (parts.next()?.to_owned(), parts.next()?, STANDARD.decode(parts.next()?).ok()?);
        let hash = Sha256::new().chain_update(&name).chain_update("\n").chain_update(&key).finalize();
        let own = [hash[0], hash[1], hash[2], hash[3]];
        let (algorithm, key) = key.split_first()?;
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        (*algorithm == ED25519 && id == hex::encode(own)).then_some(Self { name, id: own, verifies: key })
    }

    /// Whether it signs this workspace's notes, and the text is one of these.
    fn is_for(&self, text: &str, workspace: Uuid) -> bool {
        self.name.ends_with(&format!("/{workspace}")) && text.lines().next() == Some(&*self.name)
    }

    /// Whether a line is its signature of a text.
    fn has_signed(&self, text: &str, line: &str) -> bool {
        let by = format!("\u{2014} {} ", self.name);
        let Some(bytes) = line.strip_prefix(&*by).and_then(|encoded| STANDARD.decode(encoded).ok()) else {
            return false;
        };
        let signature = bytes.strip_prefix(&self.id).and_then(|signature| Signature::from_slice(signature).ok());
        signature.is_some_and(|signature| self.verifies.verify_strict(text.as_bytes(), &signature).is_ok())
    }
}
