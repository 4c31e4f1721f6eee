//! What can have happened to a timelog. Wire names are frozen.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::{MemberId, ProjectId, TaskId};

/// An event of a timelog: what changed, and nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// Time was logged.
    #[serde(rename = "timelog.logged")]
    Logged(Entry),
    /// A timer was started: a log without an end.
    #[serde(rename = "timelog.timer_started")]
    TimerStarted(Entry),
    /// It was stopped.
    #[serde(rename = "timelog.timer_stopped")]
    TimerStopped {
        /// When.
        ended_at: DateTime<Utc>,
    },
    /// Some of it was wrong.
    #[serde(rename = "timelog.corrected")]
    Corrected(Correction),
    /// It counts no more.
    #[serde(rename = "timelog.voided")]
    Voided,
    /// It counts again.
    #[serde(rename = "timelog.restored")]
    Restored,
}

/// Time as it was logged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Who worked.
    pub member_id: MemberId,
    /// On which task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// For which project.
    pub project_id: ProjectId,
    /// From when.
    pub started_at: DateTime<Utc>,
    /// Until when; absent while a timer runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Where the day is reckoned.
    pub time_zone: String,
    /// The day it counts for.
    pub date: NaiveDate,
    /// What was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether the customer pays for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
}

/// What was corrected: only what differs is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// The task, or none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub task_id: Option<Option<TaskId>>,
    /// The project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<ProjectId>,
    /// The start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// The end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// The time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
    /// The note, or none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub note: Option<Option<String>>,
    /// Whether the customer pays for it, or neither.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub billable: Option<Option<bool>>,
}

/// Null is a value here: only what is absent is unchanged.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Logged(_) => "timelog.logged",
            Self::TimerStarted(_) => "timelog.timer_started",
            Self::TimerStopped { .. } => "timelog.timer_stopped",
            Self::Corrected(_) => "timelog.corrected",
            Self::Voided => "timelog.voided",
            Self::Restored => "timelog.restored",
        }
    }
}
