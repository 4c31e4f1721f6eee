//! What every list has in common.

use std::collections::BTreeSet;

use crate::{LISTS, TRAIL, WORKSPACES};

/// What can't be filtered by, with the parameter that does it instead, or why nobody would.
const UNFILTERED: [(&str, &str, &str); 33] = [
    ("audit", "actor", "actor_id"),
    ("audit", "causation_position", "causation_id"),
    ("audit", "data", "is different for each type of event"),
    ("audit", "occurred_at", "recorded_at: an import says when it was, in any order"),
    ("audit", "version", "resource_id: it counts the events of one resource"),
    ("comments", "author", "author_id"),
    ("comments", "body", "q"),
    ("customers", "notes", "are read, not looked for"),
    ("keys", "scopes", "scope"),
    ("members", "team_ids", "team_id"),
    ("notifications", "body", "q"),
    ("notifications", "link", "subject_id"),
    ("notifications", "subject", "subject_id"),
    ("projects", "description", "q"),
    ("projects", "member_ids", "member_id"),
    ("projects", "phases", "belong to one project: they are a list of its own"),
    ("projects", "removed_phases", "are in the list of its phases"),
    ("spaces", "description", "is read, not looked for"),
    ("spaces", "icon", "is a picture"),
    ("sprints", "goal", "q"),
    ("tasks", "assignee_ids", "assignee_id"),
    ("tasks", "description", "q"),
    ("tasks", "label_ids", "label_id"),
    ("teams", "description", "is read, not looked for"),
    ("teams", "member_ids", "member_id"),
    ("timelogs", "note", "q"),
    ("timelogs", "time_zone", "only says how its date was found"),
    ("timelogs", "voided", "deleted"),
    ("webhooks", "event_types", "event_type"),
    ("webhooks", "from_beginning", "says how it was made"),
    ("webhooks", "previous_secret_until", "is over within days"),
    ("webhooks", "secret_generation", "is a count of its secrets"),
    ("workspace", "*", "is one"),
];

#[test]
fn every_member_can_be_filtered_by_or_it_is_said_why_not() {
    let mut explained: BTreeSet<_> = UNFILTERED.iter().map(|(list, member, _)| (*list, *member)).collect();
    explained.remove(&("workspace", "*"));
    let unfiltered: BTreeSet<_> = LISTS
        .into_iter()
        .chain([&TRAIL])
        .filter(|list| list.name != WORKSPACES.name)
        .flat_map(|list| list.fields.iter().filter(|field| !field.filter).map(|field| (list.name, field.name)))
        .collect();
    assert_eq!(unfiltered, explained);
}

#[test]
fn what_does_it_instead_is_there() {
    for (name, member, instead) in UNFILTERED {
        let lists = LISTS.into_iter().chain([&TRAIL, &WORKSPACES]);
        let list = lists.into_iter().find(|list| list.name == name).unwrap_or_else(|| panic!("no list {name}"));
        let (instead, is_reason) = (instead.split(':').next().unwrap_or_default(), instead.contains(' '));
        let is_there = match instead {
            "q" => list.searched.is_some_and(|texts| texts.contains(&member)),
            _ => list.field(instead).is_some_and(|field| field.filter),
        };
        assert!(is_there || is_reason, "{name}: {instead} instead of {member}");
    }
}
