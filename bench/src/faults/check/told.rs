//! Who should have been told what, reckoned from the log anew, against who was. What people are told because of a command
//! bears the id of the request that the command came with.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;
use uuid::Uuid;

use super::fold::Resource;
use crate::facts::{Event, Facts};
use crate::history::History;

/// Reasons to be told something, what matters most first.
const KINDS: [&str; 5] = ["invited", "assigned", "unassigned", "status_changed", "commented"];

pub fn complete(facts: &Facts, _: &History) -> Vec<String> {
    let expected = expected(facts);
    let mut told: BTreeMap<(String, Uuid), Vec<String>> = BTreeMap::new();
    let own = |event: &&Rc<Event>| event.event_type == "notification.sent" && event.change()["kind"] != "message";
    for event in facts.events.iter().filter(own) {
        let change = event.change();
        let member = change["member_id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default();
        let kind = change["kind"].as_str().unwrap_or_default().to_owned();
        told.entry((request(event), member)).or_default().push(kind);
    }
    let mut breaches = Vec::new();
    for (who, (must, may)) in &expected {
        let kinds = told.remove(who).unwrap_or_default();
        let most = must.first().or(may.first()).map(|nth| KINDS[*nth]);
        let right = match kinds.as_slice() {
            [] => must.is_empty(),
            [kind] => Some(kind.as_str()) == most || may.iter().any(|nth| KINDS[*nth] == kind),
            _ => false,
        };
        if !right {
            breaches.push(format!("of request {}, {} should be told {most:?} once, not {kinds:?}", who.0, who.1));
        }
    }
    breaches.extend(told.keys().map(|(request, member)| format!("{member} was told of {request} for no reason")));
    breaches
}

type Reasons = (BTreeSet<usize>, BTreeSet<usize>);

/// Whom each request concerns, and why: what must be told, and what may be.
fn expected(facts: &Facts) -> BTreeMap<(String, Uuid), Reasons> {
    // What is about a task that is gone when the teller gets there is not told.
    let deleted = facts.events.iter().filter(|event| event.event_type == "task.deleted");
    let gone: BTreeSet<Uuid> = deleted.map(|event| event.stream).collect();
    let mut tasks: BTreeMap<Uuid, Resource> = BTreeMap::new();
    // Who has made a task, or said something about it.
    let mut talkers: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    let mut expected: BTreeMap<(String, Uuid), Reasons> = BTreeMap::new();
    for event in &facts.events {
        let change = event.change();
        let before = members(tasks.get(&event.stream));
        if event.kind == "task" {
            tasks.entry(event.stream).or_default().take(event);
        }
        let after = members(tasks.get(&event.stream));
        let actor = event.about()["actor"]["id"].as_str().and_then(|id| id.parse::<Uuid>().ok());
        let subject = change["task_id"].as_str().and_then(|id| id.parse().ok()).unwrap_or(event.stream);
        let mut tell = |members: &mut dyn Iterator<Item = &Uuid>, kind: &str| {
            let nth = KINDS.iter().position(|known| *known == kind).unwrap_or_default();
            for member in members.filter(|member| Some(**member) != actor) {
                let (must, may) = expected.entry((request(event), *member)).or_default();
                if gone.contains(&subject) {
                    may.insert(nth)
                } else {
                    must.insert(nth)
                };
            }
        };
        let talks = talkers.entry(subject).or_default();
        match event.event_type.as_str() {
            "task.created" | "task.assigned" => tell(&mut after.difference(&before), "assigned"),
            "task.unassigned" => tell(&mut before.difference(&after), "unassigned"),
            "task.status_changed" => tell(&mut after.iter(), "status_changed"),
            "member.invited" if actor.is_some() => tell(&mut [event.stream].iter(), "invited"),
            "comment.created" => {
                tell(&mut members(tasks.get(&subject)).iter(), "commented");
                tell(&mut talks.iter(), "commented");
            }
            _ => {}
        }
        if matches!(event.event_type.as_str(), "task.created" | "comment.created") && is_member(event) {
            talks.extend(actor);
        }
    }
    expected
}

fn members(task: Option<&Resource>) -> BTreeSet<Uuid> {
    let ids = task.and_then(|task| task.fields.get("assignee_ids")).and_then(Value::as_array);
    ids.into_iter().flatten().filter_map(|id| id.as_str()?.parse().ok()).collect()
}

fn is_member(event: &Event) -> bool {
    event.about()["actor"]["type"] == "member"
}

fn request(event: &Event) -> String {
    event.about()["request_id"].as_str().unwrap_or_default().to_owned()
}
