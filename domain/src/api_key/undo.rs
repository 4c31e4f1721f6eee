//! What compensates what has happened to a key. What was ended never comes back.

use chrono::{DateTime, Utc};

use super::{ApiKey, Command, Event};
use crate::member::Role;

pub(super) fn inverse(before: &ApiKey, event: &Event) -> Option<Vec<Event>> {
    match event {
        Event::Renamed { .. } => Some(vec![Event::Renamed { label: before.label.clone() }]),
        Event::Minted(_) | Event::Rotated { .. } | Event::Revoked { .. } => None,
    }
}

pub(super) fn removal(_: &ApiKey, now: DateTime<Utc>) -> Vec<Event> {
    vec![Event::Revoked { at: now }]
}

pub(super) fn rule(_: &ApiKey, event: &Event) -> Option<Command> {
    matches!(event, Event::Revoked { .. }).then_some(Command::Revoke { by: Role::Owner })
}
