//! The bytes: are they those that were signed, and do they begin with those that were signed before?

use super::{Failure, PART, Part, strict};
use crate::audit::checkpoint::Checkpoint;
use crate::audit::merkle::{Frontier, Hash};
use crate::audit::proof;

/// The tree over the lines seen so far.
pub struct History {
    tree: Frontier,
    signed: Checkpoint,
    /// The number of the first leaf of the part that is going by, and the root that its proof has.
    part: Option<(u64, Hash)>,
    /// The first thing that is wrong with the parts and their proofs.
    wrong: Option<String>,
    kept: Option<Checkpoint>,
    /// The root of the tree when it was as large as the one that was kept.
    then: Option<Hash>,
}

impl History {
    /// No line yet.
    pub fn new(kept: Option<Checkpoint>, signed: Checkpoint) -> Self {
        let mut history = Self { tree: Frontier::default(), signed, part: None, wrong: None, kept, then: None };
        history.compare();
        history
    }

    /// How many lines.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The next line.
    pub fn leaf(&mut self, line: &[u8]) {
        let number = self.tree.size();
        if self.part.is_none_or(|(first, _)| first != number / PART * PART) {
            self.note(format!("number {number} stands under no proof"));
        }
        let mut whole = None;
        self.tree.push(Hash::of_leaf(line), |node, hash| whole = (1 << node.level == PART).then_some(hash).or(whole));
        if let Some(hash) = whole {
            self.close(hash);
        }
        self.compare();
    }

    /// What stands before the next part: its number must be the next one, its proof must lead to what was signed.
    pub fn part(&mut self, line: &[u8]) {
        let next = self.tree.size();
        match strict::<Part>(line) {
            Err(why) => self.note(format!("what stands before number {next} can't be read: {why}")),
            Ok(part)
                if part.leaf != next
                    || !next.is_multiple_of(PART)
                    || self.part.is_some_and(|(first, _)| first == next) =>
            {
                self.note(format!("number {} comes where number {next} should", part.leaf));
            }
            Ok(part) => match self.proved(&part) {
                Some(root) => self.part = Some((next, root)),
                None => self.note(format!("the proof before number {next} does not lead to the root that was signed")),
            },
        }
    }

    /// The root of a part, if its proof holds. Parts stand in the tree as leaves would in a tree of as many leaves.
    fn proved(&self, part: &Part) -> Option<Hash> {
        let root = Hash::parse(&part.root)?;
        let path = part.proof.iter().map(|hash| Hash::parse(hash)).collect::<Option<Vec<_>>>()?;
        let (index, count) = (part.leaf / PART, self.signed.size.div_ceil(PART));
        proof::includes(root, index, count, &path, self.signed.root).then_some(root)
    }

    /// The part that went by is this one.
    fn close(&mut self, hash: Hash) {
        let Some((first, root)) = self.part.filter(|(_, root)| *root != hash) else { return };
        let last = self.tree.size() - 1;
        self.note(format!("numbers {first} to {last} have the root {hash}, and {root} was signed"));
    }

    fn note(&mut self, wrong: String) {
        self.wrong.get_or_insert(wrong);
    }

    fn compare(&mut self) {
        if self.kept.as_ref().is_some_and(|kept| kept.size == self.tree.size()) {
            self.then = Some(self.tree.root());
        }
    }

    /// Whether the lines are what was signed; answers how many of them were signed before.
    pub fn check(mut self, ended: bool) -> Result<Option<u64>, Failure> {
        let rest = self.tree.size() % PART;
        if rest > 0 {
            // The last part is what is left of the tree besides its whole parts.
            let peaks = self.tree.peaks();
            let own = peaks[peaks.len() - rest.count_ones() as usize..].to_vec();
            if let Some(part) = Frontier::new(rest, own) {
                self.close(part.root());
            }
        }
        let signed = &self.signed;
        let (size, there) = (signed.size, self.tree.size());
        if there < size && !ended {
            return Err(Failure::Truncated(format!("it breaks off after {there} of {size} events")));
        }
        if there != size {
            return Err(Failure::Root(format!("{size} were signed, and here are {there}")));
        }
        if let Some(wrong) = self.wrong {
            return Err(Failure::Root(wrong));
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
