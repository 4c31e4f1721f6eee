//! What compensates what has happened to a sprint.

use chrono::{DateTime, Utc};

use super::{Command, Event, Sprint};

/// Work that has begun can't be as if it had not.
pub(super) fn inverse(before: &Sprint, event: &Event) -> Option<Vec<Event>> {
    Some(vec![match event {
        Event::Planned { .. } | Event::Started { .. } => return None,
        Event::Renamed { .. } => Event::Renamed { name: before.name.clone() },
        Event::GoalSet { .. } => Event::GoalSet { goal: before.goal.clone() },
        Event::Scheduled { .. } => Event::Scheduled { start_date: before.start_date, end_date: before.end_date },
        Event::Closed { .. } => Event::Reopened,
        Event::Reopened => Event::Closed { at: before.closed_at? },
        Event::Deleted => Event::Restored,
        Event::Restored => Event::Deleted,
    }])
}

pub(super) fn removal(_: &Sprint, _: DateTime<Utc>) -> Vec<Event> {
    vec![Event::Deleted]
}

pub(super) fn rule(_: &Sprint, event: &Event) -> Option<Command> {
    match event {
        Event::Deleted => Some(Command::Delete),
        Event::Restored => Some(Command::Restore),
        _ => None,
    }
}
