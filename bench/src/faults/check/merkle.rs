//! The roots of the workspaces' Merkle trees (RFC 9162), from the stored bytes, against the signed ones: those there
//! are in the end, and those that somebody has kept meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::notes::covered;
use crate::facts::{Event, Facts};
use crate::history::History;

type Hash = [u8; 32];

pub fn roots(facts: &Facts, _: &History) -> Vec<String> {
    let mut trees: BTreeMap<Uuid, Tree> = BTreeMap::new();
    for event in &facts.events {
        trees.entry(event.workspace).or_default().push(leaf(event));
    }
    let mut breaches = strangers(facts);
    for (workspace, tree) in &trees {
        let Some((size, note)) = facts.trees.get(workspace) else {
            breaches.push(format!("workspace {workspace} has no tree"));
            continue;
        };
        let wanted = (tree.size.to_string(), tree.root());
        if *size != tree.size || !note.lines().skip(1).take(2).eq([&*wanted.0, &*wanted.1]) {
            breaches.push(format!("the tree of {workspace} should be {wanted:?}, but {size} is signed as {note:?}"));
        }
    }
    breaches
}

/// Whoever has kept a checkpoint finds what it covers at the beginning of the log, whatever went wrong since.
pub fn kept(facts: &Facts, history: &History) -> Vec<String> {
    let mut breaches = Vec::new();
    // The roots that were signed, by how many events they cover: all are looked for while the tree grows once.
    let mut signed: BTreeMap<Uuid, BTreeMap<i64, BTreeSet<&str>>> = BTreeMap::new();
    for (workspace, note) in &history.witnessed {
        match covered(note) {
            Some((size, root)) => _ = signed.entry(*workspace).or_default().entry(size).or_default().insert(root),
            None => breaches.push(format!("{workspace} had a checkpoint that is none: {note:?}")),
        }
    }
    let mut trees: BTreeMap<Uuid, Tree> = BTreeMap::new();
    for event in &facts.events {
        // Beyond the last of them, nothing is left to look for.
        let Some(signed) = signed.get_mut(&event.workspace).filter(|signed| !signed.is_empty()) else { continue };
        let tree = trees.entry(event.workspace).or_default();
        tree.push(leaf(event));
        let Some(signed) = signed.remove(&tree.size) else { continue };
        let root = tree.root();
        let others = signed.into_iter().filter(|signed| *signed != root);
        breaches.extend(others.map(|other| {
            let (workspace, size) = (event.workspace, tree.size);
            format!("the first {size} events of {workspace} come to {root}, but {other} was signed")
        }));
    }
    for (workspace, signed) in &signed {
        let sizes = signed.keys();
        breaches.extend(sizes.map(|size| format!("{workspace} has less than the {size} events that were signed")));
    }
    breaches
}

/// What is kept beside a payload is not in its leaf, but its digest is in the payload.
fn strangers(facts: &Facts) -> Vec<String> {
    let told = |event: &Event| serde_json::from_str::<Value>(&event.payload).unwrap_or_default()["personal"].clone();
    let digest = |event: &Event| event.personal.as_ref().map(|personal| hex::encode(Sha256::digest(personal)));
    let strange = facts.events.iter().filter(|event| event.personal.is_some() && told(event) != json!(digest(event)));
    strange.map(|event| format!("{}-{} has another's name", event.partition, event.position)).collect()
}

/// An event as its leaf: one line of JSON, payload and metadata to the byte.
fn line(event: &Event) -> String {
    let time = |time: DateTime<Utc>| json!(time.to_rfc3339_opts(SecondsFormat::Micros, true));
    let members = [
        ("partition", json!(event.partition).to_string()),
        ("position", json!(event.position).to_string()),
        ("workspace", json!(event.workspace.to_string()).to_string()),
        ("kind", json!(event.kind).to_string()),
        ("stream", json!(event.stream.to_string()).to_string()),
        ("version", json!(event.version).to_string()),
        ("event_type", json!(event.event_type).to_string()),
        ("event_version", json!(event.event_version).to_string()),
        ("number", json!(event.number).to_string()),
        ("series", json!(event.series).to_string()),
        ("command", json!(event.command.to_string()).to_string()),
        ("occurred_at", time(event.occurred_at).to_string()),
        ("recorded_at", time(event.recorded_at).to_string()),
        ("payload", event.payload.clone()),
        ("metadata", event.metadata.clone()),
    ];
    let members: Vec<_> = members.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// A leaf's hash.
fn leaf(event: &Event) -> Hash {
    Sha256::new().chain_update([0]).chain_update(line(event)).finalize().into()
}

fn node(left: Hash, right: Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A tree that grows: the complete trees that it consists of, the largest first.
#[derive(Default)]
struct Tree {
    size: i64,
    peaks: Vec<Hash>,
}

impl Tree {
    fn push(&mut self, leaf: Hash) {
        self.size += 1;
        // Two of a size become one, as often as there is a carry when a binary number is counted up.
        let larger = self.peaks.len() - self.size.trailing_zeros() as usize;
        let peak = self.peaks.drain(larger..).rev().fold(leaf, |right, left| node(left, right));
        self.peaks.push(peak);
    }

    /// As it is written in a checkpoint.
    fn root(&self) -> String {
        let root = self.peaks.iter().rev().copied().reduce(|right, left| node(left, right));
        STANDARD.encode(root.unwrap_or_else(|| Sha256::digest([]).into()))
    }
}
