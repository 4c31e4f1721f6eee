//! Proof: the tree against the standard's own definition and its published examples, notes, and bundles that somebody
//! has laid hands on.

mod bundles;
mod trees;

use docket_domain::audit::note::{self, BadNote};
use docket_domain::audit::{Checkpoint, Hash, Keyring, PublicKey, SigningKey};

use crate::id;

fn keyring(seed: u8) -> Keyring {
    Keyring::of(SigningKey::new("docket.example", [seed; 32]).expect("a name"))
}

/// The example of the specification of signed notes (C2SP), also found in Go's `sumdb/note`.
#[test]
fn a_published_note_is_read() {
    let key = PublicKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").expect("a key");
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    let note = format!(
        "{text}\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    );
    let keys = [key];
    assert_eq!(note::open(&note, &keys).map(|(text, _)| text), Ok(text));
    assert_eq!(note::open(&note.replace("problem,", "problems,"), &keys), Err(BadNote::Forged));
}

#[test]
fn a_checkpoint_counts_only_with_a_trusted_signature() {
    let (keys, workspace) = (keyring(1), id(1));
    let signed = Checkpoint::signed(workspace, 7, Hash::of_nothing(), &keys);
    let public = keys.public(workspace);
    let (checkpoint, _) = Checkpoint::open(&signed, &public).expect("a checkpoint");
    assert_eq!((checkpoint.size, checkpoint.root), (7, Hash::of_nothing()));
    assert_eq!(checkpoint.origin, "docket.example/00000000-0000-0000-0000-000000000001");
    assert_eq!(Checkpoint::open(&signed, &keyring(2).public(workspace)), Err(BadNote::Unsigned));
    assert_eq!(Checkpoint::open(&signed, &keys.public(id(2))), Err(BadNote::Unsigned), "another workspace's key");
    assert_eq!(Checkpoint::open(&signed.replace("\n7\n", "\n8\n"), &public), Err(BadNote::Forged));
    assert_eq!(Checkpoint::open("", &public), Err(BadNote::Malformed));
}

#[test]
fn keys_are_rotated_by_signing_with_both() {
    let (old, workspace) = (keyring(1), id(1));
    let both = Keyring::parse(&old.rotated([2; 32]).to_secret()).expect("what was written");
    let signed = Checkpoint::signed(workspace, 0, Hash::of_nothing(), &both);
    for keys in [old.public(workspace), keyring(2).public(workspace)] {
        assert!(Checkpoint::open(&signed, &keys).is_ok());
    }
    let new = both.retired();
    let signed = Checkpoint::signed(workspace, 0, Hash::of_nothing(), &new);
    assert_eq!(Checkpoint::open(&signed, &old.public(workspace)), Err(BadNote::Unsigned));
}

#[test]
fn keys_are_read_in_one_spelling_only() {
    let keys = keyring(1);
    assert!(!format!("{keys:?}").contains(keys.to_secret().trim()));
    let public = keys.public(id(1))[0].to_string();
    assert_eq!(PublicKey::parse(&public).map(|key| key.to_string()), Some(public.clone()));
    for at in 0..public.len() {
        let mut other = public.clone().into_bytes();
        other[at] ^= 1;
        assert_eq!(String::from_utf8(other).ok().and_then(|other| PublicKey::parse(&other)), None, "byte {at}");
    }
    assert!(SigningKey::new("two words", [0; 32]).is_none());
    assert!(Keyring::parse("").is_none());
    assert!(Keyring::parse("PRIVATE+KEY+x").is_none());
}

/// A kind that is missing from the list could be written, but no history with one in it could be verified.
#[test]
fn every_kind_of_aggregate_is_known_by_name() {
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut declared = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = std::fs::read_to_string(&entry).expect("a source file");
            let lines = text.lines().map(str::trim);
            let named = |line: &str| line.split('"').nth(1).map(str::to_owned);
            declared.extend(lines.clone().filter(|line| line.starts_with("event_sourced!(")).filter_map(named));
            declared.extend(lines.filter(|line| line.starts_with("const KIND: &'static str = \"")).filter_map(named));
        }
    }
    declared.sort();
    let mut known = docket_domain::kinds::NAMES.to_vec();
    known.sort_unstable();
    assert_eq!(declared, known);
    assert!(
        known.iter().all(|kind| docket_domain::kinds::blank(kind, id(1)).is_some_and(|blank| blank.kind() == *kind))
    );
}
