//! The view that a list or a page would be made of.

use cqrs_es::{EventEnvelope, View};
use serde::{Deserialize, Serialize};

use super::task::{Task, TaskEvent};

/// A task as it is shown.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct TaskView {
    id: String,
    project_id: String,
    title: String,
    status: String,
    priority: String,
    assignee_ids: Vec<String>,
    label_ids: Vec<String>,
}

impl View<Task> for TaskView {
    fn update(&mut self, event: &EventEnvelope<Task>) {
        match event.payload.clone() {
            TaskEvent::TaskCreated { project_id, title, status, priority, assignee_ids, label_ids } => {
                let id = event.aggregate_id.clone();
                *self = Self { id, project_id, title, status, priority, assignee_ids, label_ids };
            }
            TaskEvent::StatusChanged { status } => self.status = status,
        }
    }
}
