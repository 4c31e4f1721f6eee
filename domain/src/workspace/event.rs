//! What can have happened to a workspace.

use serde::{Deserialize, Serialize};

use super::{Plan, ProjectStatus, Workspace};
use crate::ids::MemberId;

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// It was set up, with the states for projects that every workspace has at first.
    #[serde(rename = "workspace.created")]
    Created {
        /// Its name.
        name: String,
        /// What it pays for.
        plan: Plan,
        /// BCP 47 language tag.
        locale: String,
    },
    /// It got another name.
    #[serde(rename = "workspace.renamed")]
    Renamed {
        /// The new one.
        name: String,
    },
    /// It pays for something else.
    #[serde(rename = "workspace.plan_changed")]
    PlanChanged {
        /// For what.
        plan: Plan,
    },
    /// Its people write in another language.
    #[serde(rename = "workspace.locale_changed")]
    LocaleChanged {
        /// In which.
        locale: String,
    },
    /// It reckons in another time zone.
    #[serde(rename = "workspace.time_zone_changed")]
    TimeZoneChanged {
        /// In which.
        time_zone: String,
    },
    /// Its projects can be in one more state, the last of all.
    #[serde(rename = "workspace.status_added")]
    StatusAdded(ProjectStatus),
    /// A state of its projects is called or shown otherwise.
    #[serde(rename = "workspace.status_changed")]
    StatusChanged(ProjectStatus),
    /// Projects come into this state no more.
    #[serde(rename = "workspace.status_removed")]
    StatusRemoved {
        /// Its key.
        key: String,
    },
    /// The states have another order.
    #[serde(rename = "workspace.statuses_ordered")]
    StatusesOrdered {
        /// The keys of all of them.
        keys: Vec<String>,
    },
    /// A member owns it.
    #[serde(rename = "workspace.owner_added")]
    OwnerAdded {
        /// Who.
        member_id: MemberId,
    },
    /// A member owns it no more.
    #[serde(rename = "workspace.owner_removed")]
    OwnerRemoved {
        /// Who.
        member_id: MemberId,
    },
}

impl Event {
    /// The wire name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "workspace.created",
            Self::Renamed { .. } => "workspace.renamed",
            Self::PlanChanged { .. } => "workspace.plan_changed",
            Self::LocaleChanged { .. } => "workspace.locale_changed",
            Self::TimeZoneChanged { .. } => "workspace.time_zone_changed",
            Self::StatusAdded(_) => "workspace.status_added",
            Self::StatusChanged(_) => "workspace.status_changed",
            Self::StatusRemoved { .. } => "workspace.status_removed",
            Self::StatusesOrdered { .. } => "workspace.statuses_ordered",
            Self::OwnerAdded { .. } => "workspace.owner_added",
            Self::OwnerRemoved { .. } => "workspace.owner_removed",
        }
    }
}

impl Workspace {
    pub(super) fn evolve(&mut self, event: Event) {
        match event {
            Event::Created { name, plan, locale } => *self = Self { name, plan, locale, ..Self::default() },
            Event::Renamed { name } => self.name = name,
            Event::PlanChanged { plan } => self.plan = plan,
            Event::LocaleChanged { locale } => self.locale = locale,
            Event::TimeZoneChanged { time_zone } => self.time_zone = time_zone,
            Event::StatusAdded(status) => self.project_statuses.push(status),
            Event::StatusChanged(status) => {
                if let Some(old) = self.project_statuses.iter_mut().find(|old| old.key == status.key) {
                    *old = status;
                }
            }
            Event::StatusRemoved { key } => self.project_statuses.retain(|status| status.key != key),
            Event::StatusesOrdered { keys } => {
                let place = |status: &ProjectStatus| keys.iter().position(|key| *key == status.key);
                self.project_statuses.sort_by_key(|status| place(status).unwrap_or(usize::MAX));
            }
            Event::OwnerAdded { member_id } => self.owner_ids.push(member_id),
            Event::OwnerRemoved { member_id } => self.owner_ids.retain(|id| *id != member_id),
        }
    }
}
