//! What one can ask of a task.

use chrono::NaiveDate;

use super::{Priority, Status};
use crate::ids::{LabelId, MemberId, ProjectId};

/// A command for a task.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Bring it into being.
    Create(Create),
    /// Change some of its fields.
    Update(Changes),
    /// Take it away; it can be restored.
    Delete,
    /// Bring it back.
    Restore,
}

/// A new task.
#[derive(Clone, Debug, PartialEq)]
pub struct Create {
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
    /// Who does it.
    pub assignee_ids: Vec<MemberId>,
    /// Its labels.
    pub label_ids: Vec<LabelId>,
    /// The day work starts.
    pub start_date: Option<NaiveDate>,
    /// The day it has to be done.
    pub due_date: Option<NaiveDate>,
    /// What it is called where it came from; unique in the workspace.
    pub external_id: Option<String>,
}

/// A merge patch: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Move to another project.
    pub project_id: Option<ProjectId>,
    /// A new title.
    pub title: Option<String>,
    /// A new description.
    pub description: Option<Option<String>>,
    /// A new status.
    pub status: Option<Status>,
    /// A new priority.
    pub priority: Option<Priority>,
    /// Exactly these assignees.
    pub assignee_ids: Option<Vec<MemberId>>,
    /// Exactly these labels.
    pub label_ids: Option<Vec<LabelId>>,
    /// A new start.
    pub start_date: Option<Option<NaiveDate>>,
    /// A new due date.
    pub due_date: Option<Option<NaiveDate>>,
}
