//! What read models show, against the fold.

use serde_json::Value;

use super::fold::fold;
use crate::facts::{Facts, MODELS};
use crate::history::History;

/// The members of each kind that are events' fields word for word.
const FIELDS: [(&str, &[&str]); 7] = [
    (
        "task",
        &["title", "description", "status", "priority", "project_id", "assignee_ids", "label_ids", "completed_at"],
    ),
    ("comment", &["body", "task_id"]),
    ("project", &["name", "status", "description"]),
    ("member", &["name", "email", "role"]),
    ("timelog", &["note", "member_id", "project_id", "task_id", "started_at", "ended_at", "date"]),
    ("notification", &["title", "body", "member_id", "kind"]),
    ("label", &["name", "color"]),
];

pub fn caught_up(facts: &Facts, _: &History) -> Vec<String> {
    let mut breaches = Vec::new();
    if facts.parked > 0 {
        breaches.push(format!("{} events are parked", facts.parked));
    }
    for model in MODELS {
        for (partition, head) in &facts.heads {
            let at = facts.checkpoints.get(&(model.to_owned(), *partition)).copied().unwrap_or(0);
            if at != *head {
                breaches.push(format!("{model} is at {partition}-{at} of {head}"));
            }
        }
    }
    breaches
}

pub fn compare(facts: &Facts, _: &History) -> Vec<String> {
    let resources = fold(facts);
    let mut breaches = Vec::new();
    for (kind, fields) in FIELDS {
        for (id, resource) in resources.iter().filter(|(_, resource)| resource.kind == kind) {
            let Some((gone, doc)) = facts.shown.get(&(kind, *id)) else {
                // What was deleted for good may be kept or not.
                if !(resource.gone && kind == "notification") {
                    breaches.push(format!("{kind} {id} is not shown"));
                }
                continue;
            };
            let same = doc["version"].as_i64() == Some(resource.version) && doc["number"].as_i64() == resource.number;
            if !same || *gone != resource.gone {
                breaches.push(format!("{kind} {id} is {resource:?} but shown as {doc}, gone: {gone}"));
                continue;
            }
            for field in fields {
                let is = resource.fields.get(*field).unwrap_or(&Value::Null);
                if !alike(is, &doc[*field]) {
                    breaches.push(format!("{field} of {kind} {id} is {is} but shown as {}", doc[*field]));
                }
            }
        }
    }
    for (kind, id) in facts.shown.keys() {
        // The catalogue shows its other kinds, too.
        if *kind != "label" && !resources.contains_key(id) {
            breaches.push(format!("{kind} {id} is shown but has no events"));
        }
    }
    breaches
}

/// The same, whether said or left out, and whatever the digits of a second.
fn alike(is: &Value, shown: &Value) -> bool {
    let nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    let instant = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str()?).ok();
    is == shown
        || (nothing(is) && nothing(shown))
        || instant(is).is_some_and(|is| Some(is) == instant(shown))
        || sorted(is).is_some_and(|is| Some(is) == sorted(shown))
}

fn sorted(value: &Value) -> Option<Vec<String>> {
    let mut items: Vec<_> = value.as_array()?.iter().map(Value::to_string).collect();
    items.sort();
    Some(items)
}
