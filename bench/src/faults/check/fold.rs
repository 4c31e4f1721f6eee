//! A fold of events into resources, as plain as it can be: written from the catalogue of events alone, and knowing only
//! those that the clients here cause.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::facts::{Event, Facts};

/// A resource as its events make it.
#[derive(Clone, Debug, Default)]
pub struct Resource {
    /// Its kind.
    pub kind: String,
    /// How many events it has.
    pub version: i64,
    /// Its number.
    pub number: Option<i64>,
    /// Whether it was taken away.
    pub gone: bool,
    /// Everything else.
    pub fields: Map<String, Value>,
}

/// Every resource of the log.
pub fn fold(facts: &Facts) -> BTreeMap<Uuid, Resource> {
    let mut resources: BTreeMap<Uuid, Resource> = BTreeMap::new();
    for event in &facts.events {
        resources.entry(event.stream).or_default().take(event);
    }
    resources
}

impl Resource {
    /// Takes in an event.
    pub fn take(&mut self, event: &Event) {
        self.kind.clone_from(&event.kind);
        self.version += 1;
        self.number = self.number.or(event.number);
        let Value::Object(mut change) = event.change() else { return };
        change.remove("type");
        let verb = event.event_type.split('.').next_back().unwrap_or_default();
        match verb {
            "deleted" | "voided" => self.gone = true,
            "restored" => self.gone = false,
            "assigned" => self.list("assignee_ids").push(change["member_id"].clone()),
            "unassigned" => self.list("assignee_ids").retain(|member| *member != change["member_id"]),
            "label_added" => self.list("label_ids").push(change["label_id"].clone()),
            "label_removed" => self.list("label_ids").retain(|label| *label != change["label_id"]),
            // All others say what is so now.
            _ => self.fields.extend(change),
        }
        if event.event_type == "task.status_changed" && event.change()["completed_at"].is_null() {
            self.fields.remove("completed_at");
        }
    }

    fn list(&mut self, name: &str) -> &mut Vec<Value> {
        let list = self.fields.entry(name).or_insert_with(|| json!([]));
        if !list.is_array() {
            *list = json!([]);
        }
        match list {
            Value::Array(list) => list,
            _ => unreachable!("just made one"),
        }
    }
}
