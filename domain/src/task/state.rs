//! What a task is after its events.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Event, Priority, Status};
use crate::ids::{LabelId, MemberId, ProjectId};

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
    /// The day work starts.
    pub start_date: Option<NaiveDate>,
    /// The day it has to be done.
    pub due_date: Option<NaiveDate>,
    /// What it is called where it came from; unique in the workspace.
    pub external_id: Option<String>,
    /// Whether it was taken away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
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
            start_date: None,
            due_date: None,
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
                start_date,
                due_date,
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
                    start_date,
                    due_date,
                    external_id,
                    deleted: false,
                };
            }
            Event::Retitled { title } => self.title = title,
            Event::Described { description } => self.description = description,
            Event::StatusChanged { status } => self.status = status,
            Event::PriorityChanged { priority } => self.priority = priority,
            Event::Assigned { member_id } => self.assignee_ids.push(member_id),
            Event::Unassigned { member_id } => self.assignee_ids.retain(|id| *id != member_id),
            Event::LabelAdded { label_id } => self.label_ids.push(label_id),
            Event::LabelRemoved { label_id } => self.label_ids.retain(|id| *id != label_id),
            Event::Scheduled { start_date, due_date } => {
                self.start_date = start_date;
                self.due_date = due_date;
            }
            Event::Moved { project_id } => self.project_id = project_id,
            Event::Deleted => self.deleted = true,
            Event::Restored => self.deleted = false,
        }
    }
}
