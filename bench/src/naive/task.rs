//! A task as the crates' guide would write it.

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use serde::{Deserialize, Serialize};

/// The aggregate.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Task {
    title: String,
    status: String,
}

/// What one can ask of it.
#[derive(Debug, Serialize, Deserialize)]
pub enum TaskCommand {
    /// Bring it into being.
    CreateTask {
        project_id: String,
        title: String,
        priority: String,
        #[serde(default)]
        assignee_ids: Vec<String>,
        #[serde(default)]
        label_ids: Vec<String>,
    },
    /// Move it on.
    ChangeStatus { status: String },
}

/// What can have happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskEvent {
    TaskCreated {
        project_id: String,
        title: String,
        status: String,
        priority: String,
        assignee_ids: Vec<String>,
        label_ids: Vec<String>,
    },
    StatusChanged {
        status: String,
    },
}

/// Why it can refuse.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TaskError(&'static str);

/// It needs no services.
pub struct Clerk;

impl DomainEvent for TaskEvent {
    fn event_type(&self) -> String {
        match self {
            Self::TaskCreated { .. } => "TaskCreated".to_owned(),
            Self::StatusChanged { .. } => "StatusChanged".to_owned(),
        }
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

impl Aggregate for Task {
    const TYPE: &'static str = "task";
    type Command = TaskCommand;
    type Event = TaskEvent;
    type Error = TaskError;
    type Services = Clerk;

    async fn handle(&mut self, command: TaskCommand, _: &Clerk, sink: &EventSink<Self>) -> Result<(), TaskError> {
        let event = match command {
            TaskCommand::CreateTask { .. } if !self.title.is_empty() => return Err(TaskError("there is one already")),
            TaskCommand::CreateTask { title, .. } if title.is_empty() => return Err(TaskError("it needs a title")),
            TaskCommand::CreateTask { project_id, title, priority, assignee_ids, label_ids } => {
                let status = "todo".to_owned();
                TaskEvent::TaskCreated { project_id, title, status, priority, assignee_ids, label_ids }
            }
            TaskCommand::ChangeStatus { .. } if self.title.is_empty() => {
                return Err(TaskError("there is no such task"));
            }
            TaskCommand::ChangeStatus { status } if status == self.status => return Ok(()),
            TaskCommand::ChangeStatus { status } => TaskEvent::StatusChanged { status },
        };
        sink.write(event, self).await;
        Ok(())
    }

    fn apply(&mut self, event: TaskEvent) {
        match event {
            TaskEvent::TaskCreated { title, status, .. } => *self = Self { title, status },
            TaskEvent::StatusChanged { status } => self.status = status,
        }
    }
}
