//! What can have happened to a project. Wire names are frozen.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Phase;
use crate::ids::{CustomerId, MemberId, PhaseId, SpaceId, TeamId};
use crate::workspace::Category;

/// An event of a project: what changed, and nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// It came into being.
    #[serde(rename = "project.created")]
    Created(Created),
    /// Its name changed.
    #[serde(rename = "project.renamed")]
    Renamed {
        /// The new one.
        name: String,
    },
    /// Its description changed.
    #[serde(rename = "project.described")]
    Described {
        /// The new one.
        description: Option<String>,
    },
    /// It is in another state.
    #[serde(rename = "project.status_changed")]
    StatusChanged {
        /// The state's key.
        status: String,
        /// What it means.
        category: Category,
    },
    /// It has another code, or none.
    #[serde(rename = "project.code_set")]
    CodeSet {
        /// Which.
        code: Option<String>,
    },
    /// Its colour changed.
    #[serde(rename = "project.color_set")]
    ColorSet {
        /// The new one.
        color: Option<String>,
    },
    /// Its dates changed; both are given.
    #[serde(rename = "project.scheduled")]
    Scheduled {
        /// Its first day.
        start_date: Option<NaiveDate>,
        /// The day on which it has to be done.
        due_date: Option<NaiveDate>,
    },
    /// Somebody else leads it, or nobody.
    #[serde(rename = "project.lead_set")]
    LeadSet {
        /// Who.
        lead_id: Option<MemberId>,
    },
    /// Somebody works on it.
    #[serde(rename = "project.member_added")]
    MemberAdded {
        /// Who.
        member_id: MemberId,
    },
    /// Somebody works on it no more.
    #[serde(rename = "project.member_removed")]
    MemberRemoved {
        /// Who.
        member_id: MemberId,
    },
    /// Another team does it, or none.
    #[serde(rename = "project.team_set")]
    TeamSet {
        /// Which.
        team_id: Option<TeamId>,
    },
    /// It is found in another space, or in none.
    #[serde(rename = "project.space_set")]
    SpaceSet {
        /// Which.
        space_id: Option<SpaceId>,
    },
    /// It is done for another customer, or for none.
    #[serde(rename = "project.customer_set")]
    CustomerSet {
        /// Which.
        customer_id: Option<CustomerId>,
    },
    /// The customer pays for it, or not; null without a customer.
    #[serde(rename = "project.billable_set")]
    BillableSet {
        /// Whether they do.
        billable: Option<bool>,
    },
    /// It has one more phase, the last of all.
    #[serde(rename = "project.phase_added")]
    PhaseAdded(Phase),
    /// A phase has another name or other days.
    #[serde(rename = "project.phase_changed")]
    PhaseChanged(Phase),
    /// It has one phase less.
    #[serde(rename = "project.phase_removed")]
    PhaseRemoved {
        /// Which.
        phase_id: PhaseId,
    },
    /// The phases have another order.
    #[serde(rename = "project.phases_ordered")]
    PhasesOrdered {
        /// All of them.
        phase_ids: Vec<PhaseId>,
    },
    /// It takes no new tasks from now on.
    #[serde(rename = "project.archived")]
    Archived,
    /// It takes new tasks again.
    #[serde(rename = "project.unarchived")]
    Unarchived,
    /// It was taken away.
    #[serde(rename = "project.deleted")]
    Deleted,
    /// It was brought back.
    #[serde(rename = "project.restored")]
    Restored,
}

/// All that was said of a new project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Created {
    /// Its name.
    pub name: String,
    /// Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The year its number belongs to.
    pub year: i32,
    /// The key of the state it is in.
    pub status: String,
    /// What that state means.
    pub category: Category,
    /// Its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Its first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<NaiveDate>,
    /// The day on which it has to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<NaiveDate>,
    /// Who leads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<MemberId>,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub member_ids: Vec<MemberId>,
    /// Which team does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// In which space it is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space_id: Option<SpaceId>,
    /// For whom it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// Whether the customer pays for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => "project.created",
            Self::Renamed { .. } => "project.renamed",
            Self::Described { .. } => "project.described",
            Self::StatusChanged { .. } => "project.status_changed",
            Self::CodeSet { .. } => "project.code_set",
            Self::ColorSet { .. } => "project.color_set",
            Self::Scheduled { .. } => "project.scheduled",
            Self::LeadSet { .. } => "project.lead_set",
            Self::MemberAdded { .. } => "project.member_added",
            Self::MemberRemoved { .. } => "project.member_removed",
            Self::TeamSet { .. } => "project.team_set",
            Self::SpaceSet { .. } => "project.space_set",
            Self::CustomerSet { .. } => "project.customer_set",
            Self::BillableSet { .. } => "project.billable_set",
            Self::PhaseAdded(_) => "project.phase_added",
            Self::PhaseChanged(_) => "project.phase_changed",
            Self::PhaseRemoved { .. } => "project.phase_removed",
            Self::PhasesOrdered { .. } => "project.phases_ordered",
            Self::Archived => "project.archived",
            Self::Unarchived => "project.unarchived",
            Self::Deleted => "project.deleted",
            Self::Restored => "project.restored",
        }
    }
}
