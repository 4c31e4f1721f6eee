//! What one can ask of a sprint.

use chrono::NaiveDate;

use crate::ids::ProjectId;

/// A command for a sprint.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Bring it into being.
    Plan(Plan),
    /// Change some of its fields.
    Update(Changes),
    /// Work on it begins.
    Start,
    /// Work on it ends.
    Close,
    /// Work on it goes on after all.
    Reopen,
    /// Take it away; it can be restored.
    Delete,
    /// Bring it back.
    Restore,
}

/// A new sprint.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The project it belongs to, for good.
    pub project_id: ProjectId,
    /// Its name.
    pub name: String,
    /// What it is to achieve.
    pub goal: Option<String>,
    /// Its first day.
    pub start_date: Option<NaiveDate>,
    /// Its last day.
    pub end_date: Option<NaiveDate>,
}

/// A merge patch: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// A new name.
    pub name: Option<String>,
    /// A new goal.
    pub goal: Option<Option<String>>,
    /// Another first day.
    pub start_date: Option<Option<NaiveDate>>,
    /// Another last day.
    pub end_date: Option<Option<NaiveDate>>,
}
