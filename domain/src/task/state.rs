//! What a task is after its events.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Event, Priority, Status};
use crate::ids::{LabelId, MemberId, PhaseId, ProjectId, SprintId, TaskId};
use crate::snapshot::micros;

/// A task's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TaskFields))]
pub struct Task {
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// One line that says what is to be done.
    pub title: String,
    /// Markdown.
    pub description: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// How much it matters.
    pub priority: Priority,
    /// Who does it, in the order they were assigned.
    pub assignee_ids: Vec<MemberId>,
    /// Its labels, in the order they were added.
    pub label_ids: Vec<LabelId>,
    /// The sprint it is to be done in.
    pub sprint_id: Option<SprintId>,
    /// The phase of its project it belongs to.
    pub phase_id: Option<PhaseId>,
    /// The task it is a part of.
    pub parent_id: Option<TaskId>,
    /// The day work starts.
    pub start_date: Option<NaiveDate>,
    /// The day it has to be done.
    pub due_date: Option<NaiveDate>,
    /// How much work it is thought to be, in minutes.
    pub estimate_minutes: Option<i64>,
    /// How much work it is thought to be, in points.
    pub estimate_points: Option<i64>,
    /// Whether the customer pays for it; null if its project has no customer.
    pub billable: Option<bool>,
    /// When it was done, if it is.
    #[serde(with = "micros::maybe")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub completed_at: Option<DateTime<Utc>>,
    /// What it is called where it came from; unique in the workspace.
    pub external_id: Option<String>,
    /// Whether it was deleted; only there if it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

impl Default for Task {
    fn default() -> Self {
        Self {
            project_id: ProjectId(Uuid::nil()),
            title: String::new(),
            description: None,
            status: Status::default(),
            priority: Priority::default(),
            assignee_ids: Vec::new(),
            label_ids: Vec::new(),
            sprint_id: None,
            phase_id: None,
            parent_id: None,
            start_date: None,
            due_date: None,
            estimate_minutes: None,
            estimate_points: None,
            billable: None,
            completed_at: None,
            external_id: None,
            deleted: true,
        }
    }
}

impl Task {
    pub(super) fn evolve(&mut self, event: Event) {
        match event {
            Event::Created {
                project_id,
                title,
                description,
                status,
                priority,
                assignee_ids,
                label_ids,
                sprint_id,
                phase_id,
                parent_id,
                start_date,
                due_date,
                estimate_minutes,
                estimate_points,
                billable,
                completed_at,
                external_id,
            } => {
                *self = Self {
                    project_id,
                    title,
                    description,
                    status,
                    priority,
                    assignee_ids,
                    label_ids,
                    sprint_id,
                    phase_id,
                    parent_id,
                    start_date,
                    due_date,
                    estimate_minutes,
                    estimate_points,
                    billable,
                    completed_at,
                    external_id,
                    deleted: false,
                };
            }
            Event::Retitled { title } => self.title = title,
            Event::Described { description } => self.description = description,
            Event::StatusChanged { status, completed_at } => (self.status, self.completed_at) = (status, completed_at),
            Event::PriorityChanged { priority } => self.priority = priority,
            Event::Assigned { member_id } => self.assignee_ids.push(member_id),
            Event::Unassigned { member_id } => self.assignee_ids.retain(|id| *id != member_id),
            Event::LabelAdded { label_id } => self.label_ids.push(label_id),
            Event::LabelRemoved { label_id } => self.label_ids.retain(|id| *id != label_id),
            Event::Scheduled { start_date, due_date } => {
                self.start_date = start_date;
                self.due_date = due_date;
            }
            Event::SprintSet { sprint_id, .. } => self.sprint_id = sprint_id,
            Event::PhaseSet { phase_id } => self.phase_id = phase_id,
            Event::BillableSet { billable } => self.billable = billable,
            Event::ParentSet { parent_id } => self.parent_id = parent_id,
            Event::Estimated { estimate_minutes, estimate_points } => {
                self.estimate_minutes = estimate_minutes;
                self.estimate_points = estimate_points;
            }
            Event::Moved { project_id } => self.project_id = project_id,
            Event::Deleted => self.deleted = true,
            Event::Restored => self.deleted = false,
        }
    }
}
