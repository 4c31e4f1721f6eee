//! Proofs for whoever has seen only a part of a tree: that a leaf is in it (RFC 9162, 2.1.3), and that it still begins
//! with a tree that was seen before (2.1.4). Making one is naming [`Span`]s; their hashes are looked up by the caller.

use super::merkle::{Hash, Span};

/// How many of `count` leaves are on the left: the largest power of two that is smaller.
fn left_of(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The path from a leaf to the root of the tree of this size; none if the leaf is not in it.
pub fn inclusion(leaf: u64, size: u64) -> Option<Vec<Span>> {
    if leaf >= size {
        return None;
    }
    let (mut start, mut end, mut path) = (0, size, Vec::new());
    while end - start > 1 {
        let middle = start + left_of(end - start);
        if leaf < middle {
            path.push(Span { start: middle, end });
            end = middle;
        } else {
            path.push(Span { start, end: middle });
            start = middle;
        }
    }
    path.reverse();
    Some(path)
}

/// What shows that the tree of size `new` begins with that of size `old`; none if it is smaller.
pub fn consistency(old: u64, new: u64) -> Option<Vec<Span>> {
    if old > new {
        return None;
    }
    let (mut start, mut end, mut path) = (0, new, Vec::new());
    while old != end && old > 0 {
        let middle = start + left_of(end - start);
        if old <= middle {
            path.push(Span { start: middle, end });
            end = middle;
        } else {
            path.push(Span { start, end: middle });
            start = middle;
        }
    }
    if start > 0 {
        path.push(Span { start, end });
    }
    path.reverse();
    Some(path)
}

/// Whether this path leads from the leaf to the root (RFC 9162, 2.1.3.2).
pub fn includes(leaf: Hash, index: u64, size: u64, path: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, leaf);
    for beside in path {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            hash = Hash::of_node(*beside, hash);
            while place.is_multiple_of(2) && place != 0 {
                (place, last) = (place / 2, last / 2);
            }
        } else {
            hash = Hash::of_node(hash, *beside);
        }
        (place, last) = (place / 2, last / 2);
    }
    last == 0 && hash == root
}

/// Whether this path shows that the newer tree begins with the older one (RFC 9162, 2.1.4.2).
pub fn extends((old, old_root): (u64, Hash), (new, new_root): (u64, Hash), path: &[Hash]) -> bool {
    if old == 0 || old >= new {
        let trivially = old == 0 && old_root == Hash::of_nothing() || old == new && old_root == new_root;
        return path.is_empty() && trivially;
    }
    // A complete subtree is its own beginning of the path.
    let mut steps = old.is_power_of_two().then_some(old_root).into_iter().chain(path.iter().copied());
    let (mut place, mut last) = (old - 1, new - 1);
    while place % 2 == 1 {
        (place, last) = (place / 2, last / 2);
    }
    let Some(first) = steps.next() else { return false };
    let (mut before, mut now) = (first, first);
    for beside in steps {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            before = Hash::of_node(beside, before);
            now = Hash::of_node(beside, now);
            while place.is_multiple_of(2) && place != 0 {
                (place, last) = (place / 2, last / 2);
            }
        } else {
            now = Hash::of_node(now, beside);
        }
        (place, last) = (place / 2, last / 2);
    }
    last == 0 && before == old_root && now == new_root
}
