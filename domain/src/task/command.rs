//! What one can ask of a task.

use chrono::NaiveDate;

use super::{Priority, Status};
use crate::ids::{LabelId, MemberId, PhaseId, ProjectId, SprintId, TaskId};

/// A command for a task.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Bring it into being.
    Create(Create),
    /// Change some of its fields.
    Update(Changes),
    /// Give it to one more member.
    Assign(MemberId),
    /// Take it from a member.
    Unassign(MemberId),
    /// Put one more label on it.
    AddLabel(LabelId),
    /// Take a label off it.
    RemoveLabel(LabelId),
    /// Move it on, if it is there, in this sprint and still open: its sprint ends.
    LeaveSprint {
        /// The sprint that ends.
        from: SprintId,
        /// Where its open tasks go.
        to: Option<SprintId>,
    },
    /// Be as its project says: in a phase that is there, billable or not only with a customer.
    FollowProject,
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
    /// How much work it is thought to be.
    pub estimate: Estimate,
    /// Whether the customer pays for it; as for its project unless said otherwise.
    pub billable: Option<bool>,
    /// What it is called where it came from; unique in the workspace.
    pub external_id: Option<String>,
}

impl Create {
    /// A task of which nothing more is known.
    pub fn new(project_id: ProjectId, title: impl Into<String>) -> Self {
        Self {
            project_id,
            title: title.into(),
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
            estimate: Estimate::default(),
            billable: None,
            external_id: None,
        }
    }
}

/// How much work a task is thought to be, in the two units in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// In minutes of work.
    pub minutes: Option<i64>,
    /// In points, a team's own measure.
    pub points: Option<i64>,
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
    /// Into another sprint, or none.
    pub sprint_id: Option<Option<SprintId>>,
    /// Into another phase, or none.
    pub phase_id: Option<Option<PhaseId>>,
    /// Under another task, or none.
    pub parent_id: Option<Option<TaskId>>,
    /// A new start.
    pub start_date: Option<Option<NaiveDate>>,
    /// A new due date.
    pub due_date: Option<Option<NaiveDate>>,
    /// A new estimate in minutes.
    pub estimate_minutes: Option<Option<i64>>,
    /// A new estimate in points.
    pub estimate_points: Option<Option<i64>>,
    /// Whether the customer pays for it, or as for its project.
    pub billable: Option<Option<bool>>,
}
