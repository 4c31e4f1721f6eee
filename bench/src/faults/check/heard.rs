//! What those heard who listened over NATS, against what the log says they were told.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::facts::Facts;
use crate::history::History;

pub fn complete(facts: &Facts, history: &History) -> Vec<String> {
    let mut breaches = Vec::new();
    for (member, heard) in &history.heard {
        let told = told(facts, *member);
        let (mut ids, mut last) = (BTreeSet::new(), BTreeMap::new());
        for one in heard {
            if !told.contains(&one.id) {
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
        breaches.extend(told.difference(&ids).map(|id| format!("{member} never heard {id}")));
    }
    breaches
}

/// The ids of all that happened to a member's own notifications.
fn told(facts: &Facts, member: Uuid) -> BTreeSet<String> {
    let mine = |change: serde_json::Value| change["member_id"].as_str().is_some_and(|id| id == member.to_string());
    let sent = facts.events.iter().filter(|event| event.event_type == "notification.sent" && mine(event.change()));
    let own: BTreeSet<Uuid> = sent.map(|event| event.stream).collect();
    let about = facts.events.iter().filter(|event| event.kind == "notification" && own.contains(&event.stream));
    about.map(|event| format!("{}-{}", event.partition, event.position)).collect()
}
