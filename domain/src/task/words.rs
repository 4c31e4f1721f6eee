//! The words of a task: its statuses and priorities.

use serde::{Deserialize, Serialize};

/// Where a task stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TaskStatus))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Noted, not planned.
    Backlog,
    /// Planned.
    #[default]
    Todo,
    /// Being worked on.
    InProgress,
    /// Being looked at.
    InReview,
    /// Finished.
    Done,
    /// Given up.
    Cancelled,
    /// The same as another task.
    Duplicate,
}

impl Status {
    /// All of them, in the order of a board.
    pub const ALL: [Self; 7] =
        [Self::Backlog, Self::Todo, Self::InProgress, Self::InReview, Self::Done, Self::Cancelled, Self::Duplicate];

    /// Their words on the wire, in the same order.
    pub const WORDS: [&'static str; 7] =
        ["backlog", "todo", "in_progress", "in_review", "done", "cancelled", "duplicate"];

    /// Whether there is still something to do.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Done | Self::Cancelled | Self::Duplicate)
    }

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The status with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// How much a task matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Nobody said.
    #[default]
    None,
    /// When there is time.
    Low,
    /// As usual.
    Medium,
    /// Before others.
    High,
    /// Before everything.
    Urgent,
}

impl Priority {
    /// From least to most.
    pub const ALL: [Self; 5] = [Self::None, Self::Low, Self::Medium, Self::High, Self::Urgent];

    /// Their words on the wire, in the same order.
    pub const WORDS: [&'static str; 5] = ["none", "low", "medium", "high", "urgent"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The priority with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.as_str() == word)
    }
}
