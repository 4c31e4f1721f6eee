//! What can have happened to a comment. Wire names are frozen.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::ids::TaskId;
use crate::snapshot::micros;

/// An event of a comment: what changed, and nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// Somebody said something about a task.
    #[serde(rename = "comment.created")]
    Created {
        /// The task.
        task_id: TaskId,
        /// What it says.
        body: String,
        /// Who says it.
        author: Actor,
    },
    /// It says something else.
    #[serde(rename = "comment.edited")]
    Edited {
        /// What it says from now on.
        body: String,
        /// Since when.
        #[serde(with = "micros")]
        at: DateTime<Utc>,
    },
    /// It was taken away.
    #[serde(rename = "comment.deleted")]
    Deleted,
    /// It was brought back.
    #[serde(rename = "comment.restored")]
    Restored,
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "comment.created",
            Self::Edited { .. } => "comment.edited",
            Self::Deleted => "comment.deleted",
            Self::Restored => "comment.restored",
        }
    }
}
