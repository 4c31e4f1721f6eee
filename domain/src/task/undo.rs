//! What compensates what has happened to a task.

use chrono::{DateTime, Utc};

use super::{Changes, Command, Event, Task};

pub(super) fn inverse(before: &Task, event: &Event) -> Option<Vec<Event>> {
    Some(vec![match event {
        Event::Created { .. } => return None,
        Event::Retitled { .. } => Event::Retitled { title: before.title.clone() },
        Event::Described { .. } => Event::Described { description: before.description.clone() },
        Event::StatusChanged { .. } => {
            Event::StatusChanged { status: before.status, completed_at: before.completed_at }
        }
        Event::PriorityChanged { .. } => Event::PriorityChanged { priority: before.priority },
        Event::Assigned { member_id } => Event::Unassigned { member_id: *member_id },
        Event::Unassigned { member_id } => Event::Assigned { member_id: *member_id },
        Event::LabelAdded { label_id } => Event::LabelRemoved { label_id: *label_id },
        Event::LabelRemoved { label_id } => Event::LabelAdded { label_id: *label_id },
        Event::Scheduled { .. } => Event::Scheduled { start_date: before.start_date, due_date: before.due_date },
        Event::SprintSet { .. } => Event::SprintSet { sprint_id: before.sprint_id, at_end: false },
        Event::PhaseSet { .. } => Event::PhaseSet { phase_id: before.phase_id },
        Event::BillableSet { .. } => Event::BillableSet { billable: before.billable },
        Event::ParentSet { .. } => Event::ParentSet { parent_id: before.parent_id },
        Event::Estimated { .. } => {
            Event::Estimated { estimate_minutes: before.estimate_minutes, estimate_points: before.estimate_points }
        }
        Event::Moved { .. } => Event::Moved { project_id: before.project_id },
        Event::Deleted => Event::Restored,
        Event::Restored => Event::Deleted,
    }])
}

pub(super) fn removal(_: &Task, _: DateTime<Utc>) -> Vec<Event> {
    vec![Event::Deleted]
}

/// Its sprint needs no asking: a task keeps its sprint whatever becomes of that.
pub(super) fn rule(_: &Task, event: &Event) -> Command {
    match event {
        Event::Deleted => Command::Delete,
        Event::Restored => Command::Restore,
        Event::Assigned { member_id } => Command::Assign(*member_id),
        Event::LabelAdded { label_id } => Command::AddLabel(*label_id),
        Event::ParentSet { parent_id } => {
            Command::Update(Changes { parent_id: Some(*parent_id), ..Changes::default() })
        }
        Event::Moved { project_id } => Command::Update(Changes { project_id: Some(*project_id), ..Changes::default() }),
        _ => Command::Update(Changes::default()),
    }
}
