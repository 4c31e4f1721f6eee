//! The tree and its proofs against the definition of RFC 9162, taken at its word, and against published examples.

use std::collections::HashMap;

use docket_domain::audit::proof::{consistency, extends, includes, inclusion};
use docket_domain::audit::{Frontier, Hash, Node, Span};
use proptest::prelude::*;

/// MTH of RFC 9162, 2.1.1, word for word.
fn naive(leaves: &[Vec<u8>]) -> Hash {
    match leaves {
        [] => Hash::of_nothing(),
        [only] => Hash::of_leaf(only),
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            Hash::of_node(naive(&leaves[..k]), naive(&leaves[k..]))
        }
    }
}

/// A tree that remembers all its nodes.
#[derive(Default)]
struct Tree {
    frontier: Frontier,
    nodes: HashMap<Node, Hash>,
}

impl Tree {
    fn of(leaves: &[Vec<u8>]) -> Self {
        let mut tree = Self::default();
        for leaf in leaves {
            tree.frontier.push(Hash::of_leaf(leaf), |node, hash| {
                tree.nodes.insert(node, hash);
            });
        }
        tree
    }

    fn hashes(&self, spans: Vec<Span>) -> Vec<Hash> {
        let find = |span: Span| span.hash(|node| self.nodes.get(&node).copied()).expect("all nodes are known");
        spans.into_iter().map(find).collect()
    }
}

/// The leaves and roots with which implementations of RFC 6962 test themselves.
fn published() -> (Vec<Vec<u8>>, [&'static str; 8]) {
    let leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    (leaves.into_iter().map(bytes).collect(), roots)
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).expect("hexadecimal") as u8;
    hex.as_bytes().chunks(2).map(|pair| digit(pair[0]) * 16 + digit(pair[1])).collect()
}

fn hex(hash: Hash) -> String {
    let digits = hash.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[test]
fn published_roots() {
    let (leaves, roots) = published();
    assert_eq!(hex(Hash::of_nothing()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size, root) in (1..).zip(roots) {
        assert_eq!(hex(Tree::of(&leaves[..size]).frontier.root()), root, "of {size}");
        assert_eq!(hex(naive(&leaves[..size])), root, "of {size}");
    }
}

#[test]
fn published_proofs() {
    let tree = Tree::of(&published().0);
    let shown =
        |spans: Option<Vec<Span>>| tree.hashes(spans.expect("a proof")).into_iter().map(hex).collect::<Vec<_>>();
    let (a, b, c) = (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    );
    let (d, e, left) = (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    );
    let first = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
    let two = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
    let five = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
    assert_eq!(shown(inclusion(0, 1)), [""; 0]);
    assert_eq!(shown(inclusion(0, 8)), [a, b, c]);
    assert_eq!(shown(inclusion(5, 8)), [d, e, left]);
    assert_eq!(shown(inclusion(2, 3)), [two]);
    assert_eq!(shown(inclusion(1, 5)), [first, b, d]);
    assert_eq!(shown(consistency(1, 1)), [""; 0]);
    assert_eq!(shown(consistency(1, 8)), [a, b, c]);
    assert_eq!(shown(consistency(6, 8)), [five, e, left]);
    assert_eq!(shown(consistency(2, 5)), [b, d]);
}

#[test]
fn what_is_not_in_a_tree_has_no_proof() {
    assert_eq!((inclusion(3, 3), inclusion(0, 0), consistency(4, 3)), (None, None, None));
    assert_eq!(consistency(0, 3), Some(Vec::new()));
    assert!(Frontier::new(5, vec![Hash::of_nothing()]).is_none());
}

fn leaves() -> impl Strategy<Value = Vec<Vec<u8>>> {
    (1..70_usize, any::<u8>()).prop_map(|(count, salt)| (0..count).map(|n| vec![salt, n as u8]).collect())
}

proptest! {
    #[test]
    fn a_tree_grows_to_what_the_standard_says(leaves in leaves(), cut in any::<prop::sample::Index>()) {
        let cut = cut.index(leaves.len() + 1);
        let begun = Tree::of(&leaves[..cut]).frontier;
        let mut resumed = Frontier::new(begun.size(), begun.peaks().to_vec()).expect("what it was");
        leaves[cut..].iter().for_each(|leaf| resumed.push(Hash::of_leaf(leaf), |_, _| {}));
        prop_assert_eq!(resumed.root(), naive(&leaves));
    }

    #[test]
    fn a_proof_convinces_of_the_truth_only(
        leaves in leaves(), at in any::<prop::sample::Index>(), bit in 0..256_usize, which in any::<prop::sample::Index>()
    ) {
        let (size, at) = (leaves.len() as u64, at.index(leaves.len()));
        let (tree, leaf) = (Tree::of(&leaves), Hash::of_leaf(&leaves[at]));
        let root = tree.frontier.root();
        let mut path = tree.hashes(inclusion(at as u64, size).expect("a path"));
        prop_assert!(includes(leaf, at as u64, size, &path, root));
        prop_assert!(!includes(Hash::of_leaf(b"other"), at as u64, size, &path, root));
        prop_assert!(!includes(leaf, at as u64 + 1, size, &path, root));
        prop_assert!(!includes(leaf, at as u64, size, &[path.clone(), vec![root]].concat(), root));
        if !path.is_empty() {
            prop_assert!(!includes(leaf, at as u64, size, &path[1..], root));
            let which = which.index(path.len());
            path[which].0[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!includes(leaf, at as u64, size, &path, root));
        }
    }

    #[test]
    fn a_tree_shows_that_it_begins_with_an_older_one(
        leaves in leaves(), old in any::<prop::sample::Index>(), bit in 0..256_usize, which in any::<prop::sample::Index>()
    ) {
        let (new, old) = (leaves.len(), old.index(leaves.len() + 1));
        let (before, tree) = (naive(&leaves[..old]), Tree::of(&leaves));
        let (old, now) = (old as u64, (new as u64, tree.frontier.root()));
        let mut path = tree.hashes(consistency(old, now.0).expect("a proof"));
        prop_assert!(extends((old, before), now, &path));
        prop_assert!(!extends((old, Hash::of_leaf(b"other")), now, &path));
        prop_assert!(!extends((old, before), now, &[path.clone(), vec![before]].concat()));
        if !path.is_empty() {
            prop_assert!(!extends((old, before), (now.0, Hash::of_leaf(b"other")), &path));
            let which = which.index(path.len());
            path[which].0[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!extends((old, before), now, &path));
        }
    }
}
