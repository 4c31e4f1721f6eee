//! What clients were answered, against the log. They know each other by the idempotency key.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::facts::{Event, Facts};
use crate::history::{History, Outcome};

/// Events by the hash of their idempotency key.
fn by_key(facts: &Facts) -> BTreeMap<String, Vec<&Event>> {
    let mut by_key: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
    for event in &facts.events {
        if let Some(hash) = event.about()["idempotency_key_hash"].as_str() {
            by_key.entry(hash.to_owned()).or_default().push(event);
        }
    }
    by_key
}

fn hash(key: Uuid) -> String {
    hex::encode(Sha256::digest(key.to_string().as_bytes()))
}

fn commands(events: &[&Event]) -> BTreeSet<Uuid> {
    events.iter().map(|event| event.command).collect()
}

pub fn acknowledged(facts: &Facts, history: &History) -> Vec<String> {
    let by_key = by_key(facts);
    let mut breaches = Vec::new();
    for (call, _) in history.done() {
        let events = by_key.get(&hash(call.key)).map(Vec::as_slice).unwrap_or_default();
        match commands(events).len() {
            1 => {}
            0 if call.idle => {}
            0 => breaches.push(format!("lost: {} with {}", call.what, call.key)),
            more => breaches.push(format!("{more} times: {} with {}", call.what, call.key)),
        }
        if events.iter().any(|event| event.workspace != call.workspace) {
            breaches.push(format!("in another workspace: {} with {}", call.what, call.key));
        }
        let receipts =
            commands(events).into_iter().filter_map(|command| facts.receipts.get(&(hash(call.key), command)));
        let kept: i64 = receipts.map(|receipt| receipt.count).sum();
        if !events.is_empty() && kept != 1 {
            breaches.push(format!("{kept} receipts: {} with {}", call.what, call.key));
        }
    }
    let known: BTreeSet<_> = history.calls.iter().map(|call| hash(call.key)).collect();
    // Where it is not known what was sent, nothing is strange.
    let strange = by_key.keys().filter(|key| !known.is_empty() && !known.contains(*key));
    breaches.extend(strange.map(|key| format!("nobody sent what the log has under {key}")));
    breaches
}

/// A receipt says where its command ends: all that it did stands before that, without a gap.
pub fn entire(facts: &Facts, history: &History) -> Vec<String> {
    let by_key = by_key(facts);
    let mut breaches = Vec::new();
    for (call, _) in history.done() {
        let hash = hash(call.key);
        let events = by_key.get(&hash).map(Vec::as_slice).unwrap_or_default();
        for events in events.chunk_by(|one, next| one.command == next.command) {
            // Whether there is one is another promise.
            let Some(receipt) = facts.receipts.get(&(hash.clone(), events[0].command)) else { continue };
            let found: Vec<_> = events.iter().map(|event| event.position).collect();
            let before = receipt.position - found.len() as i64;
            if !found.iter().copied().eq(before + 1..=receipt.position) {
                let (what, end) = (&call.what, receipt.position);
                breaches.push(format!("{what} with {} should end at {end}, but is at {found:?}", call.key));
            }
        }
    }
    breaches
}

pub fn refused(facts: &Facts, history: &History) -> Vec<String> {
    let by_key = by_key(facts);
    let refused = history.calls.iter().filter(|call| matches!(call.outcome, Outcome::Refused(_)));
    refused
        .filter(|call| by_key.contains_key(&hash(call.key)))
        .map(|call| format!("refused, but done: {} with {}", call.what, call.key))
        .collect()
}

pub fn whole(facts: &Facts, history: &History) -> Vec<String> {
    let by_key = by_key(facts);
    let batches = history.calls.iter().filter(|call| call.commands > 1);
    batches
        .filter_map(|call| {
            let events = by_key.get(&hash(call.key))?;
            let streams: BTreeSet<_> = events.iter().map(|event| event.stream).collect();
            let whole = streams.len() == call.commands && commands(events).len() == 1;
            (!whole).then(|| format!("{} of {}: {} with {}", streams.len(), call.commands, call.what, call.key))
        })
        .collect()
}

/// Ids, versions and numbers of the resources in answers.
pub fn truthful(facts: &Facts, history: &History) -> Vec<String> {
    let by_key = by_key(facts);
    let numbers: BTreeMap<Uuid, i64> =
        facts.events.iter().filter_map(|event| Some((event.stream, event.number?))).collect();
    let mut breaches = Vec::new();
    for (call, answer) in history.done() {
        let Some(events) = by_key.get(&hash(call.key)) else { continue };
        let batch = answer["results"].as_array().into_iter().flatten().map(|result| &result["task"]);
        let resources: Vec<&Value> = if call.commands > 1 { batch.collect() } else { vec![answer] };
        for resource in resources.into_iter().filter(|resource| resource["version"].is_i64()) {
            let id = resource["id"].as_str().and_then(|id| id.parse::<Uuid>().ok()).unwrap_or_default();
            let version = events.iter().filter(|event| event.stream == id).map(|event| event.version).max();
            let number = numbers.get(&id).copied();
            if resource["version"].as_i64() != version || resource["number"].as_i64() != number {
                breaches.push(format!(
                    "{} with {}: the log has version {version:?} and number {number:?} of {resource}",
                    call.what, call.key
                ));
            }
        }
    }
    breaches
}

/// Of a command that named a version, what came of it follows on that version.
pub fn conditional(facts: &Facts, history: &History) -> Vec<String> {
    let by_key = by_key(facts);
    let mut breaches = Vec::new();
    for (call, _) in history.done() {
        let (Some(version), Some(events)) = (call.if_match, by_key.get(&hash(call.key))) else { continue };
        if events.iter().map(|event| event.version).min() != Some(version + 1) {
            breaches.push(format!("{} with {} was to be at version {version}", call.what, call.key));
        }
    }
    breaches
}
