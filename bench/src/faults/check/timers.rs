//! A member has one timer running at most, whatever is started and stopped at a time by whom.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::facts::Facts;
use crate::history::History;

pub fn one_each(facts: &Facts, _: &History) -> Vec<String> {
    let mut owners: BTreeMap<Uuid, String> = BTreeMap::new();
    let mut running: BTreeMap<&str, BTreeSet<Uuid>> = BTreeMap::new();
    for event in facts.events.iter().filter(|event| event.event_type == "timelog.timer_started") {
        owners.insert(event.stream, event.change()["member_id"].as_str().unwrap_or_default().to_owned());
    }
    let mut breaches = Vec::new();
    // What a command does, it does at once.
    for events in facts.events.chunk_by(|one, next| one.command == next.command) {
        for event in events.iter().filter(|event| event.kind == "timelog") {
            let Some(member) = owners.get(&event.stream) else { continue };
            let timers = running.entry(member).or_default();
            match event.event_type.as_str() {
                "timelog.timer_started" => _ = timers.insert(event.stream),
                "timelog.timer_stopped" => _ = timers.remove(&event.stream),
                _ => {}
            }
        }
        let too_many = running.iter().filter(|(_, timers)| timers.len() > 1);
        breaches.extend(too_many.map(|(member, timers)| format!("{member} has {} timers running", timers.len())));
        running.retain(|_, timers| timers.len() < 2);
    }
    breaches
}
