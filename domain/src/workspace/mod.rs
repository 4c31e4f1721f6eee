//! A workspace: the tenant, its name, its plan, how its people write and reckon, and what states its projects can be in.
//!
//! Its people and its catalogue are aggregates of their own, so that inviting a member never stands in the way of the
//! commands that refer to the workspace. What must be unique in it (e-mail addresses, names) is a claim. Who owns it is
//! here, because there must always be somebody: see [`crate::member::ownership`].

mod decide;
mod event;
mod statuses;
#[cfg(test)]
mod tests;
mod undo;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use decide::Error;
pub use event::Event;
pub use statuses::{Category, ProjectStatus};

use crate::aggregate::{Aggregate, Context, Effects, Lifecycle, event_sourced};
use crate::ids::MemberId;

/// What a workspace pays for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Nothing.
    #[default]
    Free,
    /// A little.
    Pro,
    /// Per team.
    Team,
    /// By contract.
    Enterprise,
}

/// A workspace's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = WorkspaceFields))]
pub struct Workspace {
    /// Its name.
    pub name: String,
    /// What it pays for.
    pub plan: Plan,
    /// BCP 47 language tag.
    pub locale: String,
    /// IANA time zone.
    pub time_zone: String,
    /// The states that its projects can be in, in their order.
    pub project_statuses: Vec<ProjectStatus>,
    /// Who owns it.
    pub owner_ids: Vec<MemberId>,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            name: String::new(),
            plan: Plan::default(),
            locale: String::new(),
            time_zone: "UTC".to_owned(),
            project_statuses: ProjectStatus::defaults(),
            owner_ids: Vec::new(),
        }
    }
}

/// What one can ask of a workspace.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Set it up.
    Create {
        /// Its name.
        name: String,
        /// What it pays for.
        plan: Plan,
        /// BCP 47 language tag.
        locale: String,
    },
    /// Change some fields.
    Update(Changes),
    /// Have these states again: there are projects in them after all.
    BringBack(Vec<ProjectStatus>),
    /// Let a member own it.
    AddOwner(MemberId),
    /// Let a member own it no more.
    RemoveOwner(MemberId),
    /// Let a key be minted whose token is in this form; it changes nothing.
    AllowKey {
        /// The form's name.
        format: String,
    },
}

/// New values of some fields; `None` leaves one as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// A new name.
    pub name: Option<String>,
    /// A new plan.
    pub plan: Option<Plan>,
    /// A new language.
    pub locale: Option<String>,
    /// A new time zone.
    pub time_zone: Option<String>,
    /// Exactly these states, in this order.
    pub project_statuses: Option<Vec<ProjectStatus>>,
    /// Which states have projects in them, as far as is known, and how many: such a state is not removed.
    pub in_use: Vec<(String, i64)>,
    /// The state that those projects go to, if they leave theirs.
    pub replace_with: Option<String>,
}

impl Plan {
    /// Whether it comes with keys whose tokens are in this form. Krokanti's are for those who pay.
    pub fn has_keys(self, format: &str) -> bool {
        format != "krokanti" || self != Self::Free
    }
}

event_sourced!(Workspace, "workspace");

impl Aggregate for Workspace {
    fn decide(&self, command: &Command, _: &Context) -> Result<Vec<Event>, Error> {
        decide::decide(self, command)
    }

    fn effects(&self, event: &Event) -> Effects {
        match event {
            Event::Created { .. } => Effects::lifecycle(Lifecycle::Alive),
            _ => Effects::default(),
        }
    }

    fn inverse(&self, event: &Event) -> Option<Vec<Event>> {
        undo::inverse(self, event)
    }

    fn removal(&self, now: DateTime<Utc>) -> Option<Vec<Event>> {
        undo::removal(self, now)
    }

    fn rule(&self, event: &Event) -> Option<Command> {
        undo::rule(self, event)
    }

    fn alive(&self) -> bool {
        !self.name.is_empty()
    }
}
