//! The tree: hashes of leaves, of nodes above them, and how it grows (RFC 9162, 2.1.1).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; Self::LEN]);

impl Hash {
    /// Its length in bytes.
    pub const LEN: usize = 32;

    /// The hash of a leaf.
    pub fn of_leaf(leaf: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(leaf).finalize().into())
    }

    /// The hash of a node with these two below it.
    pub fn of_node(left: Self, right: Self) -> Self {
        Self(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
    }

    /// The root of the tree without leaves.
    pub fn of_nothing() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// Reads one from Base64 in its one spelling.
    pub fn parse(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// Reads hashes that were written one after the other.
    pub fn list(bytes: &[u8]) -> Vec<Self> {
        bytes.as_chunks().0.iter().map(|chunk| Self(*chunk)).collect()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, to)
    }
}

/// A complete subtree: the leaves from `index << level`, `1 << level` of them. Once there, it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// How high it stands above the leaves.
    pub level: u8,
    /// Its place among those of its level.
    pub index: u64,
}

/// The leaves from `start` up to `end`, as they hang together in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first leaf.
    pub start: u64,
    /// The first that no longer belongs to it.
    pub end: u64,
}

impl Span {
    /// The complete subtrees it consists of, from left to right; each is smaller than the one before.
    pub fn nodes(self) -> Vec<Node> {
        let (mut start, mut nodes) = (self.start, Vec::new());
        while start < self.end {
            let level = (self.end - start).ilog2();
            nodes.push(Node { level: level as u8, index: start >> level });
            start += 1 << level;
        }
        nodes
    }

    /// Its hash, from those of its [`Self::nodes`].
    pub fn hash(self, of: impl Fn(Node) -> Option<Hash>) -> Option<Hash> {
        let hashes: Option<Vec<Hash>> = self.nodes().into_iter().map(of).collect();
        Some(joined(&hashes?))
    }
}

/// The hash above complete subtrees that stand side by side, each smaller than the one before.
fn joined(hashes: &[Hash]) -> Hash {
    let mut from_the_right = hashes.iter().rev().copied();
    match from_the_right.next() {
        Some(last) => from_the_right.fold(last, |right, left| Hash::of_node(left, right)),
        None => Hash::of_nothing(),
    }
}

/// As much of a tree as it takes to go on: the complete subtrees of which it consists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a tree of this size, with these subtrees; none if there would be more or fewer of them.
    pub fn new(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The subtrees, from left to right.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// The root of the tree as it is.
    pub fn root(&self) -> Hash {
        joined(&self.peaks)
    }

    /// Adds a leaf; `made` is told of every subtree that this completes, the leaf itself first.
    pub fn push(&mut self, leaf: Hash, mut made: impl FnMut(Node, Hash)) {
        let mut hash = leaf;
        let mut node = Node { level: 0, index: self.size };
        made(node, hash);
        while node.index % 2 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = Hash::of_node(left, hash);
            node = Node { level: node.level + 1, index: node.index / 2 };
            made(node, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }
}
