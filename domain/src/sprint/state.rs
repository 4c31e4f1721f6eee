//! What a sprint is after its events.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Event;
use crate::ids::ProjectId;
use crate::snapshot::micros;

/// Where a sprint stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SprintStatus))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It lies ahead.
    #[default]
    Planned,
    /// It is being worked on.
    Active,
    /// It is over: it takes no new tasks.
    Closed,
}

impl Status {
    /// All of them, in the order of a sprint's life.
    pub const ALL: [Self; 3] = [Self::Planned, Self::Active, Self::Closed];

    /// Their words on the wire, in the same order.
    pub const WORDS: [&'static str; 3] = ["planned", "active", "closed"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The status with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// A sprint's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SprintFields))]
pub struct Sprint {
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its name.
    pub name: String,
    /// What it is to achieve.
    pub goal: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Its first day.
    pub start_date: Option<NaiveDate>,
    /// Its last day.
    pub end_date: Option<NaiveDate>,
    /// When work on it began.
    #[serde(with = "micros::maybe")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub started_at: Option<DateTime<Utc>>,
    /// When work on it ended.
    #[serde(with = "micros::maybe")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub closed_at: Option<DateTime<Utc>>,
    /// Whether it was deleted; only there if it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

impl Default for Sprint {
    fn default() -> Self {
        Self {
            project_id: ProjectId(Uuid::nil()),
            name: String::new(),
            goal: None,
            status: Status::default(),
            start_date: None,
            end_date: None,
            started_at: None,
            closed_at: None,
            deleted: true,
        }
    }
}

impl Sprint {
    pub(super) fn evolve(&mut self, event: Event) {
        match event {
            Event::Planned { project_id, name, goal, start_date, end_date } => {
                *self = Self { project_id, name, goal, start_date, end_date, deleted: false, ..Self::default() };
            }
            Event::Renamed { name } => self.name = name,
            Event::GoalSet { goal } => self.goal = goal,
            Event::Scheduled { start_date, end_date } => (self.start_date, self.end_date) = (start_date, end_date),
            Event::Started { at } => (self.status, self.started_at) = (Status::Active, Some(at)),
            Event::Closed { at } => (self.status, self.closed_at) = (Status::Closed, Some(at)),
            Event::Reopened => (self.status, self.closed_at) = (Status::Active, None),
            Event::Deleted => self.deleted = true,
            Event::Restored => self.deleted = false,
        }
    }
}
