//! The roots of the workspaces' Merkle trees (RFC 9162), from the stored bytes, against the signed ones.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::facts::{Event, Facts};
use crate::history::History;

pub fn roots(facts: &Facts, _: &History) -> Vec<String> {
    let mut leaves: BTreeMap<Uuid, Vec<[u8; 32]>> = BTreeMap::new();
    for event in &facts.events {
        let hash = Sha256::new().chain_update([0]).chain_update(line(event)).finalize();
        leaves.entry(event.workspace).or_default().push(hash.into());
    }
    let mut breaches = strangers(facts);
    for (workspace, leaves) in &leaves {
        let Some((size, note)) = facts.trees.get(workspace) else {
            breaches.push(format!("workspace {workspace} has no tree"));
            continue;
        };
        let mut lines = note.lines().skip(1);
        let (signed_size, signed_root) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let wanted = (leaves.len() as i64, leaves.len().to_string(), STANDARD.encode(root(leaves)));
        if (*size, signed_size, signed_root) != (wanted.0, &*wanted.1, &*wanted.2) {
            breaches.push(format!("the tree of {workspace} should be {wanted:?}, but {size} is signed as {note:?}"));
        }
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

fn root(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            // The largest power of two below their number are on the left.
            let left = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(left);
            Sha256::new().chain_update([1]).chain_update(root(left)).chain_update(root(right)).finalize().into()
        }
    }
}
