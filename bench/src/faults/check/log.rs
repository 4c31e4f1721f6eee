//! The log by itself: positions, versions, numbers, times.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::facts::Facts;
use crate::history::History;

pub fn positions(facts: &Facts, _: &History) -> Vec<String> {
    let mut breaches = Vec::new();
    for (partition, head) in &facts.heads {
        let found = facts.events.iter().filter(|event| event.partition == *partition).map(|event| event.position);
        if !found.eq(1..=*head) {
            breaches.push(format!("partition {partition} is not 1 to {head}"));
        }
    }
    let known: BTreeSet<_> = facts.heads.keys().collect();
    breaches.extend(
        facts
            .events
            .iter()
            .filter(|event| !known.contains(&event.partition))
            .map(|event| format!("{}-{} is in no partition", event.partition, event.position)),
    );
    breaches
}

pub fn versions(facts: &Facts, _: &History) -> Vec<String> {
    let mut last: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut breaches = Vec::new();
    for event in &facts.events {
        let version = last.entry(event.stream).or_default();
        *version += 1;
        if event.version != *version {
            breaches.push(format!("{} {} has version {}, not {version}", event.kind, event.stream, event.version));
        }
    }
    if last != facts.streams {
        breaches.push("log.streams does not have the versions that the events have".to_owned());
    }
    breaches
}

pub fn numbers(facts: &Facts, _: &History) -> Vec<String> {
    let mut given: BTreeMap<(Uuid, String), BTreeSet<i64>> = BTreeMap::new();
    let mut breaches = Vec::new();
    for event in facts.events.iter().filter(|event| event.version == 1) {
        let Some(number) = event.number else {
            breaches.push(format!("{} {} has no number", event.kind, event.stream));
            continue;
        };
        if !given.entry((event.workspace, event.kind.clone())).or_default().insert(number) {
            breaches.push(format!("{} {number} is there twice", event.kind));
        }
    }
    for ((workspace, kind), last) in &facts.counters {
        let numbers = given.get(&(*workspace, kind.clone()));
        if !numbers.is_some_and(|numbers| numbers.iter().copied().eq(1..=*last)) {
            breaches.push(format!("the numbers of {kind} are not 1 to {last}"));
        }
    }
    breaches
}

pub fn times(facts: &Facts, _: &History) -> Vec<String> {
    let back = facts.events.windows(2).filter(|two| two[0].partition == two[1].partition);
    back.filter(|two| two[1].recorded_at < two[0].recorded_at)
        .map(|two| format!("{}-{} was recorded before its predecessor", two[1].partition, two[1].position))
        .collect()
}

pub fn commands(facts: &Facts, _: &History) -> Vec<String> {
    let mut seen = BTreeSet::new();
    facts
        .events
        .chunk_by(|one, next| one.partition == next.partition && one.command == next.command)
        .filter(|events| !seen.insert(events[0].command))
        .map(|events| format!("command {} is in two places", events[0].command))
        .collect()
}
