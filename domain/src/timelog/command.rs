//! What one can ask of a timelog.

use chrono::{DateTime, Utc};

use super::Zone;
use crate::ids::{MemberId, ProjectId, TaskId, WorkspaceId};

/// A command for a timelog.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Whose time the caller may touch.
    pub reach: Reach,
    /// What to do.
    pub action: Action,
}

/// Whose time a caller may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Their own.
    Own,
    /// Everybody's.
    All,
}

/// What to do with a timelog.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Log time that has been worked.
    Log {
        /// What was worked on.
        work: Work,
        /// From when.
        started_at: DateTime<Utc>,
        /// Until when.
        ended_at: DateTime<Utc>,
    },
    /// Start a timer, now.
    Start(Work),
    /// Stop it, now.
    Stop,
    /// Change some of its fields.
    Correct(Changes),
    /// Let it count no more.
    Void,
    /// Let it count again.
    Restore,
}

/// What is worked on, and by whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Who works.
    pub member_id: MemberId,
    /// On which task.
    pub task_id: Option<TaskId>,
    /// For which project; the task's, if that is said.
    pub project_id: Option<ProjectId>,
    /// What was done.
    pub note: Option<String>,
    /// Where the day is reckoned.
    pub zone: Reckoned,
    /// Whether the customer pays for it; as for the task or the project unless said otherwise.
    pub billable: Option<bool>,
}

/// Where a day is reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reckoned {
    /// In this time zone.
    In(Zone),
    /// In that of the workspace.
    AsIn(WorkspaceId),
}

/// A merge patch: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Another task, or none.
    pub task_id: Option<Option<TaskId>>,
    /// Another project.
    pub project_id: Option<ProjectId>,
    /// Another start.
    pub started_at: Option<DateTime<Utc>>,
    /// Another end; stops a running timer.
    pub ended_at: Option<DateTime<Utc>>,
    /// Another note.
    pub note: Option<Option<String>>,
    /// Another time zone, and with it perhaps another day.
    pub zone: Option<Zone>,
    /// Whether the customer pays for it; `Some(None)`: as for the project.
    pub billable: Option<Option<bool>>,
}
