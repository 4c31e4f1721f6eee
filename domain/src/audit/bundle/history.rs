//! The bytes: are they those that were signed, and do they begin with those that were signed before?

use super::Failure;
use crate::audit::checkpoint::Checkpoint;
use crate::audit::merkle::{Frontier, Hash};

/// The tree over the lines seen so far.
pub struct History {
    tree: Frontier,
    kept: Option<Checkpoint>,
    /// The root of the tree when it was as large as the one that was kept.
    then: Option<Hash>,
}

impl History {
    /// No line yet.
    pub fn new(kept: Option<Checkpoint>) -> Self {
        let mut history = Self { tree: Frontier::default(), kept, then: None };
        history.compare();
        history
    }

    /// How many lines.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The next line.
    pub fn leaf(&mut self, line: &[u8]) {
        self.tree.push(Hash::of_leaf(line), |_, _| {});
        self.compare();
    }

    fn compare(&mut self) {
        if self.kept.as_ref().is_some_and(|kept| kept.size == self.tree.size()) {
            self.then = Some(self.tree.root());
        }
    }

    /// Whether the lines are what was signed; answers how many of them were signed before.
    pub fn check(&self, signed: &Checkpoint, ended: bool) -> Result<Option<u64>, Failure> {
        let (size, there) = (signed.size, self.tree.size());
        if there < size && !ended {
            return Err(Failure::Truncated(format!("it breaks off after {there} of {size} events")));
        }
        if there != size {
            return Err(Failure::Root(format!("{size} were signed, and here are {there}")));
        }
        if self.tree.root() != signed.root {
            return Err(Failure::Root(format!("their root is {}, and {} was signed", self.tree.root(), signed.root)));
        }
        let Some(kept) = &self.kept else { return Ok(None) };
        if kept.origin != signed.origin {
            return Err(Failure::Rewritten(format!("it is of {}, and the one kept of {}", signed.origin, kept.origin)));
        }
        if kept.size > size {
            return Err(Failure::Rewritten(format!("it had {} events and has {size} now", kept.size)));
        }
        if self.then != Some(kept.root) {
            return Err(Failure::Rewritten(format!(
                "the first {} events are not those that were signed then",
                kept.size
            )));
        }
        Ok(Some(kept.size))
    }
}
