//! What compensates what has happened to a workspace.

use chrono::{DateTime, Utc};

use super::{Command, Event, Workspace};

pub(super) fn inverse(before: &Workspace, event: &Event) -> Option<Vec<Event>> {
    let ordered =
        || Event::StatusesOrdered { keys: before.project_statuses.iter().map(|status| status.key.clone()).collect() };
    let status = |key: &str| before.project_statuses.iter().find(|status| status.key == key).cloned();
    Some(match event {
        Event::Created { .. } => return None,
        Event::Renamed { .. } => vec![Event::Renamed { name: before.name.clone() }],
        Event::PlanChanged { .. } => vec![Event::PlanChanged { plan: before.plan }],
        Event::LocaleChanged { .. } => vec![Event::LocaleChanged { locale: before.locale.clone() }],
        Event::TimeZoneChanged { .. } => vec![Event::TimeZoneChanged { time_zone: before.time_zone.clone() }],
        Event::StatusAdded(added) => vec![Event::StatusRemoved { key: added.key.clone() }],
        Event::StatusChanged(changed) => vec![Event::StatusChanged(status(&changed.key)?)],
        Event::StatusRemoved { key } => vec![Event::StatusAdded(status(key)?), ordered()],
        Event::StatusesOrdered { .. } => vec![ordered()],
        Event::OwnerAdded { member_id } => vec![Event::OwnerRemoved { member_id: *member_id }],
        Event::OwnerRemoved { member_id } => vec![Event::OwnerAdded { member_id: *member_id }],
    })
}

pub(super) fn removal(_: &Workspace, _: DateTime<Utc>) -> Option<Vec<Event>> {
    None
}

pub(super) fn rule(_: &Workspace, event: &Event) -> Option<Command> {
    match event {
        Event::OwnerRemoved { member_id } => Some(Command::RemoveOwner(*member_id)),
        _ => None,
    }
}
