//! What compensates what has happened to a project.

use chrono::{DateTime, Utc};

use super::{Command, Event, Project};

pub(super) fn inverse(before: &Project, event: &Event) -> Option<Vec<Event>> {
    let ordered = || Event::PhasesOrdered { phase_ids: before.phases.iter().map(|phase| phase.id).collect() };
    let phase = |id| before.phase(id).cloned();
    Some(vec![match event {
        Event::Created(_) => return None,
        Event::Renamed { .. } => Event::Renamed { name: before.name.clone() },
        Event::Described { .. } => Event::Described { description: before.description.clone() },
        Event::StatusChanged { .. } => {
            Event::StatusChanged { status: before.status.clone(), category: before.status_category }
        }
        Event::CodeSet { .. } => Event::CodeSet { code: before.code.clone() },
        Event::ColorSet { .. } => Event::ColorSet { color: before.color.clone() },
        Event::Scheduled { .. } => Event::Scheduled { start_date: before.start_date, due_date: before.due_date },
        Event::LeadSet { .. } => Event::LeadSet { lead_id: before.lead_id },
        Event::MemberAdded { member_id } => Event::MemberRemoved { member_id: *member_id },
        Event::MemberRemoved { member_id } => Event::MemberAdded { member_id: *member_id },
        Event::TeamSet { .. } => Event::TeamSet { team_id: before.team_id },
        Event::SpaceSet { .. } => Event::SpaceSet { space_id: before.space_id },
        Event::CustomerSet { .. } => Event::CustomerSet { customer_id: before.customer_id },
        Event::BillableSet { .. } => Event::BillableSet { billable: before.billable },
        Event::PhaseAdded(added) if phase(added.id).is_some() => return None,
        Event::PhaseAdded(added) => Event::PhaseRemoved { phase_id: added.id },
        Event::PhaseChanged(changed) => Event::PhaseChanged(phase(changed.id)?),
        Event::PhaseRemoved { phase_id } => return Some(vec![Event::PhaseAdded(phase(*phase_id)?), ordered()]),
        Event::PhasesOrdered { .. } => ordered(),
        Event::Archived => Event::Unarchived,
        Event::Unarchived => Event::Archived,
        Event::Deleted => Event::Restored,
        Event::Restored => Event::Deleted,
    }])
}

pub(super) fn removal(_: &Project, _: DateTime<Utc>) -> Vec<Event> {
    vec![Event::Deleted]
}

pub(super) fn rule(_: &Project, event: &Event) -> Option<Command> {
    match event {
        Event::Deleted => Some(Command::Delete),
        Event::Restored => Some(Command::Restore),
        _ => None,
    }
}
