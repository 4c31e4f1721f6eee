//! What compensates what has happened to a notification.

use chrono::{DateTime, Utc};

use super::{Command, Event, Notification};

/// What its member has thrown away is theirs.
pub(super) fn inverse(before: &Notification, event: &Event) -> Option<Vec<Event>> {
    match event {
        Event::Read { .. } => Some(vec![Event::Unread]),
        Event::Unread => Some(vec![Event::Read { at: before.read_at? }]),
        Event::Sent(_) | Event::Deleted => None,
    }
}

pub(super) fn removal(_: &Notification, _: DateTime<Utc>) -> Vec<Event> {
    vec![Event::Deleted]
}

pub(super) fn rule(_: &Notification, _: &Event) -> Option<Command> {
    None
}
