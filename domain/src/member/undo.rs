//! What compensates what has happened to a member.

use chrono::{DateTime, Utc};

use super::{Command, Event, Member, Role};

/// Who has come has been here, and who was forgotten is not known.
pub(super) fn inverse(before: &Member, event: &Event) -> Option<Vec<Event>> {
    Some(vec![match event {
        Event::Invited { .. } | Event::Joined { .. } | Event::Erased { .. } => return None,
        Event::Renamed { .. } => Event::Renamed { name: before.name.clone() },
        Event::PositionSet { .. } => Event::PositionSet { position_id: before.position_id },
        Event::RoleChanged { .. } => Event::RoleChanged { role: before.role },
        Event::Deactivated { at } => Event::Reactivated { at: *at },
        Event::Reactivated { at } => Event::Deactivated { at: before.deactivated_at.unwrap_or(*at) },
    }])
}

/// Who was never to be invited goes; as long as they have not been made an owner.
pub(super) fn removal(member: &Member, now: DateTime<Utc>) -> Option<Vec<Event>> {
    (member.role != Role::Owner).then(|| vec![Event::Deactivated { at: now }])
}

pub(super) fn rule(_: &Member, event: &Event) -> Option<Command> {
    match event {
        Event::PositionSet { position_id } => Some(Command::Update { name: None, position_id: Some(*position_id) }),
        Event::RoleChanged { role } => Some(Command::ChangeRole { role: *role, by: Role::Owner }),
        Event::Reactivated { .. } => Some(Command::Reactivate { by: Role::Owner }),
        _ => None,
    }
}
