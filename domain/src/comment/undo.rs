//! What compensates what has happened to a comment.

use chrono::{DateTime, Utc};

use super::{Action, Command, Comment, Event};

/// That it was edited can't be undone, only what it says.
pub(super) fn inverse(before: &Comment, event: &Event) -> Option<Vec<Event>> {
    Some(vec![match event {
        Event::Created { .. } => return None,
        Event::Edited { at, .. } => Event::Edited { body: before.body.clone(), at: before.edited_at.unwrap_or(*at) },
        Event::Deleted => Event::Restored,
        Event::Restored => Event::Deleted,
    }])
}

pub(super) fn removal(_: &Comment, _: DateTime<Utc>) -> Vec<Event> {
    vec![Event::Deleted]
}

pub(super) fn rule(comment: &Comment, event: &Event) -> Option<Command> {
    let action = match event {
        Event::Deleted => Action::Delete,
        Event::Restored => Action::Restore,
        _ => return None,
    };
    Some(Command { task_id: comment.task_id, moderates: true, action })
}
