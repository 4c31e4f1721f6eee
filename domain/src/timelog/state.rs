//! What a timelog is after its events.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Correction, Entry, Event};
use crate::ids::{MemberId, ProjectId, TaskId};
use crate::snapshot::micros;

/// A timelog's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TimelogFields))]
pub struct Timelog {
    /// Who worked.
    pub member_id: MemberId,
    /// On which task.
    pub task_id: Option<TaskId>,
    /// For which project.
    pub project_id: ProjectId,
    /// From when.
    #[serde(with = "micros")]
    pub started_at: DateTime<Utc>,
    /// Until when; null while a timer runs.
    #[serde(with = "micros::maybe")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub ended_at: Option<DateTime<Utc>>,
    /// Whole seconds from start to end; null while a timer runs.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub duration_seconds: Option<i64>,
    /// The day it counts for: that of the start, in its time zone.
    pub date: NaiveDate,
    /// Where the day is reckoned.
    pub time_zone: String,
    /// What was done.
    pub note: Option<String>,
    /// Whether the customer pays for it; null if there was none when it was logged.
    pub billable: Option<bool>,
    /// Whether it was voided; only there if it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub voided: bool,
}

impl Default for Timelog {
    fn default() -> Self {
        Self {
            member_id: MemberId(Uuid::nil()),
            task_id: None,
            project_id: ProjectId(Uuid::nil()),
            started_at: DateTime::UNIX_EPOCH,
            ended_at: None,
            duration_seconds: None,
            date: NaiveDate::default(),
            time_zone: String::new(),
            note: None,
            billable: None,
            voided: true,
        }
    }
}

impl Timelog {
    /// Whether it is a timer that has not been stopped.
    pub fn is_running(&self) -> bool {
        !self.voided && self.ended_at.is_none()
    }

    pub(super) fn evolve(&mut self, event: Event) {
        match event {
            Event::Logged(entry) | Event::TimerStarted(entry) => *self = entry.into(),
            Event::TimerStopped { ended_at } => self.ended_at = Some(ended_at),
            Event::Corrected(correction) => self.correct(correction),
            Event::Voided => self.voided = true,
            Event::Restored => self.voided = false,
        }
        self.duration_seconds = self.ended_at.map(|end| (end - self.started_at).num_seconds());
    }

    fn correct(&mut self, correction: Correction) {
        let Correction { task_id, project_id, started_at, ended_at, time_zone, date, note, billable } = correction;
        self.task_id = task_id.unwrap_or(self.task_id);
        self.project_id = project_id.unwrap_or(self.project_id);
        self.started_at = started_at.unwrap_or(self.started_at);
        self.ended_at = ended_at.or(self.ended_at);
        self.date = date.unwrap_or(self.date);
        self.billable = billable.unwrap_or(self.billable);
        if let Some(time_zone) = time_zone {
            self.time_zone = time_zone;
        }
        if let Some(note) = note {
            self.note = note;
        }
    }
}

impl From<Entry> for Timelog {
    fn from(entry: Entry) -> Self {
        let Entry { member_id, task_id, project_id, started_at, ended_at, time_zone, date, note, billable } = entry;
        Self {
            member_id,
            task_id,
            project_id,
            started_at,
            ended_at,
            duration_seconds: None,
            date,
            time_zone,
            note,
            billable,
            voided: false,
        }
    }
}
