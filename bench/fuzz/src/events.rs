//! Events, as they travel and as they are folded.

use docket_domain::{Recorded, kinds};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::text;

/// The kinds whose events are folded.
const KINDS: [&str; 17] = [
    "task",
    "project",
    "member",
    "api_key",
    "workspace",
    "team",
    "position",
    "space",
    "customer",
    "label",
    "webhook",
    "timelog",
    "notification",
    "preferences",
    "key_ring",
    "sprint",
    "comment",
];

/// What is read as an event is written as it was read, and is told without ado.
pub fn events(bytes: &[u8]) {
    let Ok(event) = serde_json::from_slice::<Recorded>(bytes) else { return };
    let written = serde_json::to_string(&event).expect("JSON");
    let again: Recorded = serde_json::from_str(&written).expect("what is written is read");
    assert_eq!(serde_json::to_string(&again).expect("JSON"), written);
    assert!(serde_json::from_str::<Value>(event.whole().get()).is_ok(), "a payload is JSON");
    let told = docket_domain::message::tell(&event, None, None);
    assert!(serde_json::from_str::<Value>(&told.text).is_ok(), "a message is JSON");
}

/// The first byte says of which kind, every line is a payload. Folding is the same each time, a step at a time or all at
/// once; a state that was reached can be written and told.
pub fn folds(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    let (kind, Some(text)) = (KINDS[usize::from(*which) % KINDS.len()], text(rest)) else { return };
    let mut state = kinds::blank(kind, Uuid::nil()).expect("a kind");
    let mut taken = Vec::new();
    for payload in text.lines().take(16) {
        let Some(event) = event(kind, taken.len() + 1, payload) else { continue };
        let before = state.to_json();
        if state.fold(&event).is_err() {
            assert_eq!(state.to_json(), before, "what can't be read changes nothing");
            continue;
        }
        assert!(serde_json::from_str::<Value>(&state.to_json()).is_ok(), "a state is JSON");
        let told = docket_domain::message::tell(&event, None, Some(state.as_ref()));
        assert!(serde_json::from_str::<Value>(&told.text).is_ok(), "a message is JSON");
        taken.push(event);
    }
    let mut again = kinds::blank(kind, Uuid::nil()).expect("a kind");
    for event in &taken {
        again.fold(event).expect("what was taken in is taken in again");
    }
    assert_eq!(again.to_json(), state.to_json());
}

/// The event with this payload, if it is one that could have been stored.
fn event(kind: &str, version: usize, payload: &str) -> Option<Recorded> {
    let payload: Value = serde_json::from_str(payload).ok()?;
    let event_type = payload["type"].as_str()?.to_owned();
    let event = json!({
        "partition": 3, "position": version, "workspace": Uuid::nil(), "kind": kind, "stream": Uuid::nil(),
        "version": version, "event_type": event_type, "event_version": 1, "number": (version == 1).then_some(1),
        "command": Uuid::nil(), "occurred_at": "2026-03-02T08:00:00Z", "recorded_at": "2026-03-02T08:00:00Z",
        "payload": payload,
        "metadata": {"actor": {"type": "system"}, "request_id": "r", "correlation_id": "r", "causation_id": Uuid::nil(),
            "dialect": "native"},
    });
    serde_json::from_str(&event.to_string()).ok()
}
