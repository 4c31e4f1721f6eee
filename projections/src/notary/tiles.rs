//! How a tree is stored: of its complete subtrees those of every eighth level, 256 to a tile. What lies between is
//! computed from them.

use std::collections::{BTreeSet, HashMap};

use docket_domain::audit::{Hash, Node, Span};

/// Hashes of a tile.
pub(crate) const WIDTH: usize = 256;
const HEIGHT: u8 = 8;

/// The tile that a subtree's hash is kept in: its level and its number, if it is kept.
pub(crate) fn tile_of(node: Node) -> Option<(i16, i64)> {
    let kept = node.level.is_multiple_of(HEIGHT);
    kept.then(|| (i16::from(node.level / HEIGHT), (node.index / WIDTH as u64) as i64))
}

/// The tiles it takes to know the hash of a subtree; it is always one.
fn needed(node: Node) -> (i16, i64) {
    let first = node.index << (node.level % HEIGHT);
    (i16::from(node.level / HEIGHT), (first / WIDTH as u64) as i64)
}

/// The tiles it takes to know the hashes of these.
pub(crate) fn needed_for(spans: &[Span]) -> BTreeSet<(i16, i64)> {
    spans.iter().flat_map(|span| span.nodes()).map(needed).collect()
}

/// Tiles that were read.
#[derive(Default)]
pub(crate) struct Tiles(pub(crate) HashMap<(i16, i64), Vec<Hash>>);

impl Tiles {
    /// The hash of a subtree.
    pub(crate) fn hash(&self, node: Node) -> Option<Hash> {
        let tile = self.0.get(&needed(node))?;
        let count = 1 << (node.level % HEIGHT);
        let start = ((node.index << (node.level % HEIGHT)) % WIDTH as u64) as usize;
        let mut hashes = tile.get(start..start + count)?.to_vec();
        while hashes.len() > 1 {
            hashes = hashes.chunks(2).map(|pair| Hash::of_node(pair[0], pair[1])).collect();
        }
        hashes.first().copied()
    }
}

/// The positions in a tile.
pub(crate) fn places(bytes: &[u8]) -> Vec<i64> {
    bytes.as_chunks().0.iter().map(|eight| i64::from_be_bytes(*eight)).collect()
}
