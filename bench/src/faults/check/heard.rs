//! What those heard who listened over NATS, against what the log says they were told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::facts::Facts;
use crate::history::History;

pub fn complete(facts: &Facts, history: &History) -> Vec<String> {
    let mut breaches = Vec::new();
    for (member, heard) in &history.heard {
        let (told, listening) = (told(facts, *member), history.listening.get(member));
        let (mut ids, mut last) = (BTreeSet::new(), BTreeMap::new());
        for one in heard {
            if !told.contains_key(&one.id) {
                breaches.push(format!("{member} heard {}, which is nothing they were told", one.id));
            }
            // Again under the same id is no harm.
            if ids.insert(one.id.clone())
                && let Some(before) = last.insert(one.resource, one.version)
                && before >= one.version
            {
                breaches.push(format!("{member} heard version {} of {} after {before}", one.version, one.resource));
            }
        }
        // What was said before they came, they need not have heard.
        let missed = told.iter().filter(|(id, at)| Some(*at) >= listening && !ids.contains(*id));
        breaches.extend(missed.map(|(id, _)| format!("{member} never heard {id}")));
    }
    breaches
}

/// The ids of all that happened to a member's own notifications, and when it did.
fn told(facts: &Facts, member: Uuid) -> BTreeMap<String, DateTime<Utc>> {
    let mine = |change: serde_json::Value| change["member_id"].as_str().is_some_and(|id| id == member.to_string());
    let sent = facts.events.iter().filter(|event| event.event_type == "notification.sent" && mine(event.change()));
    let own: BTreeSet<Uuid> = sent.map(|event| event.stream).collect();
    let about = facts.events.iter().filter(|event| event.kind == "notification" && own.contains(&event.stream));
    about.map(|event| (format!("{}-{}", event.partition, event.position), event.recorded_at)).collect()
}
