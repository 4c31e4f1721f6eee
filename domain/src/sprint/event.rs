//! What can have happened to a sprint. Wire names are frozen.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::ProjectId;
use crate::snapshot::micros;

/// An event of a sprint: what changed, and nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// It came into being.
    #[serde(rename = "sprint.planned")]
    Planned {
        /// Its project.
        project_id: ProjectId,
        /// Its name.
        name: String,
        /// What it is to achieve.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        goal: Option<String>,
        /// Its first day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start_date: Option<NaiveDate>,
        /// Its last day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        end_date: Option<NaiveDate>,
    },
    /// Its name changed.
    #[serde(rename = "sprint.renamed")]
    Renamed {
        /// The new one.
        name: String,
    },
    /// What it is to achieve changed.
    #[serde(rename = "sprint.goal_set")]
    GoalSet {
        /// The new goal.
        goal: Option<String>,
    },
    /// Its days changed; both are given.
    #[serde(rename = "sprint.scheduled")]
    Scheduled {
        /// Its first day.
        start_date: Option<NaiveDate>,
        /// Its last day.
        end_date: Option<NaiveDate>,
    },
    /// Work on it began.
    #[serde(rename = "sprint.started")]
    Started {
        /// When.
        #[serde(with = "micros")]
        at: DateTime<Utc>,
    },
    /// Work on it ended.
    #[serde(rename = "sprint.closed")]
    Closed {
        /// When.
        #[serde(with = "micros")]
        at: DateTime<Utc>,
    },
    /// Work on it goes on.
    #[serde(rename = "sprint.reopened")]
    Reopened,
    /// It was taken away.
    #[serde(rename = "sprint.deleted")]
    Deleted,
    /// It was brought back.
    #[serde(rename = "sprint.restored")]
    Restored,
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Planned { .. } => "sprint.planned",
            Self::Renamed { .. } => "sprint.renamed",
            Self::GoalSet { .. } => "sprint.goal_set",
            Self::Scheduled { .. } => "sprint.scheduled",
            Self::Started { .. } => "sprint.started",
            Self::Closed { .. } => "sprint.closed",
            Self::Reopened => "sprint.reopened",
            Self::Deleted => "sprint.deleted",
            Self::Restored => "sprint.restored",
        }
    }
}
