//! What one can ask of a project.

use chrono::NaiveDate;

use super::Phase;
use crate::ids::{CustomerId, MemberId, PhaseId, SpaceId, TeamId, WorkspaceId};

/// A command for a project.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Bring it into being.
    Create(Create),
    /// Change some of its fields.
    Update(Changes),
    /// Give it one more phase.
    AddPhase {
        /// The phase.
        phase: Phase,
        /// Its place among them, from 0; the last unless said otherwise.
        place: Option<usize>,
    },
    /// Change some fields of a phase.
    ChangePhase {
        /// Which.
        id: PhaseId,
        /// What of it.
        changes: PhaseChanges,
    },
    /// Take a phase away.
    RemovePhase(PhaseId),
    /// Bring one back, as the last; not the tasks that were in it.
    RestorePhase(PhaseId),
    /// Leave a state that its workspace has no more.
    LeaveStatus {
        /// The state to go to.
        to: StatusChoice,
    },
    /// Take it away with its tasks.
    Delete,
    /// Bring it back with its tasks.
    Restore,
}

/// A new project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Create {
    /// Its name.
    pub name: String,
    /// Its phases, in their order.
    pub phases: Vec<Phase>,
    /// What else is said of it, as of a project that has nothing yet. Without a status it is in the first that
    /// workspaces have from the beginning.
    pub set: Changes,
}

impl Create {
    /// A project of which nothing more is known.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// A merge patch: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// A new name.
    pub name: Option<String>,
    /// A new description.
    pub description: Option<Option<String>>,
    /// Another state.
    pub status: Option<StatusChoice>,
    /// Another code.
    pub code: Option<Option<String>>,
    /// Another colour.
    pub color: Option<Option<String>>,
    /// Another first day.
    pub start_date: Option<Option<NaiveDate>>,
    /// Another day on which it has to be done.
    pub due_date: Option<Option<NaiveDate>>,
    /// Another lead.
    pub lead_id: Option<Option<MemberId>>,
    /// Exactly these members.
    pub member_ids: Option<Vec<MemberId>>,
    /// Another team.
    pub team_id: Option<Option<TeamId>>,
    /// Another space.
    pub space_id: Option<Option<SpaceId>>,
    /// Another customer.
    pub customer_id: Option<Option<CustomerId>>,
    /// Whether the customer pays for it.
    pub billable: Option<Option<bool>>,
    /// Archive it, or take it back into use.
    pub archived: Option<bool>,
}

/// One of the states that a workspace has for its projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChoice {
    /// Whose states they are.
    pub workspace: WorkspaceId,
    /// Which; the first of them unless said otherwise.
    pub key: Option<String>,
}

/// A merge patch of a phase: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PhaseChanges {
    /// A new name.
    pub name: Option<String>,
    /// Another first day.
    pub start_date: Option<Option<NaiveDate>>,
    /// Another last day.
    pub end_date: Option<Option<NaiveDate>>,
    /// Another place among the phases, from 0.
    pub place: Option<usize>,
}
