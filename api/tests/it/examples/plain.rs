//! Puts something else in place of what is different each time: ids, the present time, secrets, signatures, and places in
//! a history in which something is told meanwhile.

use std::collections::HashMap;

use chrono::{Days, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// Stands for the present.
const NOW: &str = "2026-03-02T09:00:00.000000Z";
/// What tokens begin with.
const KEY: &str = "dkt_live_";
/// No list is shown longer.
const MOST: usize = 3;
/// Stands for any partition.
const PARTITION: u16 = 7;
/// Stands for any hash.
const HASH: &str = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=";
/// Stands for what was signed last.
const NOTE: &str = "docket/0a1b2c3d-0000-4000-8000-000000000001\n311\n\
    n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=\n\n\u{2014} docket …\n";

/// What stands for what.
#[derive(Default)]
pub struct Plain {
    ids: HashMap<String, String>,
}

impl Plain {
    /// Does so.
    pub fn make(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.truncate(MOST);
                for item in items {
                    self.make(item);
                }
            }
            Value::Object(members) if members.contains_key("root_hash") => *value = checkpoint(),
            Value::Object(members) => {
                let is_event = members.contains_key("recorded_at") || members.contains_key("leaf_index");
                for (name, member) in members.iter_mut() {
                    match name.as_str() {
                        // Notifications are sent meanwhile, by nobody's request.
                        "position" if is_event && member.is_number() => *member = 42.into(),
                        "causation_position" if member.is_number() => *member = 41.into(),
                        "undone" if member.is_array() => *member = json!([41]),
                        "leaf_index" => *member = 41.into(),
                        "partition" if member.is_number() => *member = PARTITION.into(),
                        "proof" if member.is_array() => *member = json!([HASH, HASH]),
                        "leaf_hash" => *member = HASH.into(),
                        "leaf" => *member = self.inside(member).into(),
                        "events" if member.is_number() => *member = 3.into(),
                        "spans" => *member = json!([2, 0, 1]),
                        "took_ms" => *member = 12.into(),
                        "request_id" => *member = "nightly-42".into(),
                        "token" if member.is_string() => *member = format!("{KEY}…").into(),
                        "next_cursor" if member.is_string() => *member = "WyIyMDI2LTAz…".into(),
                        // A timer was stopped at once, give or take a second.
                        "duration_seconds" if member.as_i64().is_some_and(|seconds| seconds < 60) => *member = 1.into(),
                        "last_seen_at" | "last_used_at" => *member = NOW.into(),
                        "online" => *member = true.into(),
                        _ => self.make(member),
                    }
                }
            }
            Value::String(text) => {
                if let Some(plain) = self.text(text) {
                    *text = plain;
                }
            }
            _ => {}
        }
    }

    /// A text that is JSON.
    fn inside(&mut self, text: &Value) -> String {
        let mut value = serde_json::from_str(text.as_str().unwrap_or_default()).unwrap_or_default();
        self.make(&mut value);
        value.to_string()
    }

    /// A text of another form than JSON: a few lines of it, or events of a stream.
    pub fn lines(&mut self, kind: &str, text: &str) -> String {
        if kind == "text/plain" {
            return NOTE.to_owned();
        }
        let most = if kind == "text/event-stream" { usize::MAX } else { MOST + 1 };
        let lines: Vec<_> = text.lines().take(most).map(|line| self.line(line)).collect();
        lines.join("\n") + "\n"
    }

    fn line(&mut self, line: &str) -> String {
        let field = line.split_once(": ").filter(|(field, _)| ["id", "event", "data"].contains(field));
        if let Some((field, rest)) = field {
            return format!("{field}: {}", self.line(rest));
        }
        if line.starts_with('{') {
            return self.inside(&line.into());
        }
        let cells = line.split(',').map(|cell| self.text(cell).unwrap_or_else(|| cell.to_owned()));
        cells.collect::<Vec<_>>().join(",")
    }

    fn text(&mut self, text: &str) -> Option<String> {
        if text.parse::<Uuid>().is_ok() {
            let next = format!("0a1b2c3d-0000-4000-8000-{:012}", self.ids.len() + 1);
            return Some(self.ids.entry(text.to_owned()).or_insert(next).clone());
        }
        for secret in ["whsec_", "whpk_"] {
            if text.starts_with(secret) {
                return Some(format!("{secret}…"));
            }
        }
        if let Some(id) = text.strip_prefix("test-") {
            return self.text(id).map(|id| format!("test-{id}"));
        }
        if is_position(text) {
            return Some(format!("{PARTITION}-42"));
        }
        // Addresses of things.
        if text.split('/').any(|part| part.parse::<Uuid>().is_ok()) {
            let parts = text.split('/').map(|part| self.text(part).unwrap_or_else(|| part.to_owned()));
            return Some(parts.collect::<Vec<_>>().join("/"));
        }
        if text.starts_with(KEY) {
            return Some(format!("{KEY}4fTq81LmZx"));
        }
        let today = Utc::now().date_naive();
        // A number in the series of a year.
        if let Some(number) = text.strip_prefix(&format!("{}-", today.format("%Y"))).filter(|rest| rest.len() == 4) {
            return Some(format!("2026-{number}"));
        }
        let now = [Some(today), today.checked_sub_days(Days::new(1)), today.checked_add_days(Days::new(1))];
        let (start, rest) = text.split_at_checked(10)?;
        if now.iter().flatten().any(|day| day.to_string() == start) {
            return Some(if rest.is_empty() { &NOW[..10] } else { NOW }.to_owned());
        }
        None
    }
}

/// Whether it is a place in a history, as clients carry them.
fn is_position(text: &str) -> bool {
    let number = |text: &str| text.parse::<u64>().is_ok_and(|number| number.to_string() == text);
    text.split_once('-').is_some_and(|(partition, position)| number(partition) && number(position))
}

/// What was signed last.
fn checkpoint() -> Value {
    let origin = NOTE.lines().next();
    json!({"origin": origin, "size": 311, "root_hash": HASH, "note": NOTE, "keys": ["docket+…"]})
}
