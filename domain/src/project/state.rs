//! What a project is after its events.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Created, Event, MOST_PHASES, Phase};
use crate::ids::{CustomerId, MemberId, PhaseId, SpaceId, TeamId};
use crate::workspace::Category;

/// A project's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ProjectFields))]
pub struct Project {
    /// `YYYY-NNNN`, unique per workspace.
    pub project_number: String,
    /// Its name.
    pub name: String,
    /// Markdown.
    pub description: Option<String>,
    /// The key of the state it is in, one of the workspace's `project_statuses`.
    pub status: String,
    /// What that state means.
    pub status_category: Category,
    /// A short name of capital letters and digits, unique in the workspace.
    pub code: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// Its first day.
    pub start_date: Option<NaiveDate>,
    /// The day on which it has to be done.
    pub due_date: Option<NaiveDate>,
    /// Who leads it.
    pub lead_id: Option<MemberId>,
    /// Who works on it, in the order they were added.
    pub member_ids: Vec<MemberId>,
    /// Which team does it.
    pub team_id: Option<TeamId>,
    /// In which space it is found.
    pub space_id: Option<SpaceId>,
    /// For whom it is done.
    pub customer_id: Option<CustomerId>,
    /// Whether the customer pays for it; null without a customer.
    pub billable: Option<bool>,
    /// Its phases, in their order.
    pub phases: Vec<Phase>,
    /// The phases that were removed and can be restored, the latest last; only there if there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_phases: Vec<Phase>,
    /// Whether it takes new tasks no more.
    pub archived: bool,
    /// Whether it was deleted; only there if it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

impl Default for Project {
    fn default() -> Self {
        Self { deleted: true, ..Self::begun(Created::default()) }
    }
}

impl Project {
    fn begun(new: Created) -> Self {
        Self {
            project_number: String::new(),
            name: new.name,
            description: new.description,
            status: new.status,
            status_category: new.category,
            code: new.code,
            color: new.color,
            start_date: new.start_date,
            due_date: new.due_date,
            lead_id: new.lead_id,
            member_ids: new.member_ids,
            team_id: new.team_id,
            space_id: new.space_id,
            customer_id: new.customer_id,
            billable: new.billable,
            phases: Vec::new(),
            removed_phases: Vec::new(),
            archived: false,
            deleted: false,
        }
    }

    pub(super) fn evolve(&mut self, event: Event) {
        match event {
            Event::Created(new) => *self = Self::begun(new),
            Event::Renamed { name } => self.name = name,
            Event::Described { description } => self.description = description,
            Event::StatusChanged { status, category } => (self.status, self.status_category) = (status, category),
            Event::CodeSet { code } => self.code = code,
            Event::ColorSet { color } => self.color = color,
            Event::Scheduled { start_date, due_date } => (self.start_date, self.due_date) = (start_date, due_date),
            Event::LeadSet { lead_id } => self.lead_id = lead_id,
            Event::MemberAdded { member_id } => self.member_ids.push(member_id),
            Event::MemberRemoved { member_id } => self.member_ids.retain(|id| *id != member_id),
            Event::TeamSet { team_id } => self.team_id = team_id,
            Event::SpaceSet { space_id } => self.space_id = space_id,
            Event::CustomerSet { customer_id } => self.customer_id = customer_id,
            Event::BillableSet { billable } => self.billable = billable,
            Event::PhaseAdded(phase) => {
                self.removed_phases.retain(|removed| removed.id != phase.id);
                self.phases.push(phase);
            }
            Event::PhaseChanged(phase) => {
                if let Some(old) = self.phases.iter_mut().find(|old| old.id == phase.id) {
                    *old = phase;
                }
            }
            Event::PhaseRemoved { phase_id } => self.remove_phase(phase_id),
            Event::PhasesOrdered { phase_ids } => {
                let place = |phase: &Phase| phase_ids.iter().position(|id| *id == phase.id);
                self.phases.sort_by_key(|phase| place(phase).unwrap_or(usize::MAX));
            }
            Event::Archived => self.archived = true,
            Event::Unarchived => self.archived = false,
            Event::Deleted => self.deleted = true,
            Event::Restored => self.deleted = false,
        }
    }

    fn remove_phase(&mut self, id: PhaseId) {
        self.removed_phases.extend(self.phases.extract_if(.., |phase| phase.id == id));
        let forgotten = self.removed_phases.len().saturating_sub(MOST_PHASES);
        self.removed_phases.drain(..forgotten);
    }

    /// Whether the customer pays for something that is done for it: as is said of that, else as for the project. Without
    /// a customer there is nothing to say.
    pub fn bills(&self, said: Option<bool>) -> Option<bool> {
        self.customer_id.and(said.or(self.billable))
    }

    /// One of its phases.
    pub fn phase(&self, id: PhaseId) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.id == id)
    }
}
