//! The native resources behind those of the dialects: their lists, and their commands as bodies make them.

#![allow(dead_code, reason = "a dialect speaks of what it needs")]

use docket_domain::Intent;
use docket_projections::List;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::auth::Caller;
use crate::edge::json;
use crate::problem::Problem;
use crate::routes::batch::Batched;
use crate::routes::catalog::{customers::Customers, labels::Labels, spaces::Spaces, teams::Teams};
use crate::routes::projects::batch::Projects;
use crate::routes::sprints::batch::Sprints;
use crate::routes::tasks::batch::Tasks;
use crate::routes::timelogs::batch::Timelogs;

/// A native resource.
pub struct Native {
    /// Its list.
    pub list: &'static List,
    /// Where its operations are.
    pub all: &'static str,
    /// Where those on one of it are.
    pub one: &'static str,
    /// The intent behind the body that creates one.
    pub create: Option<fn(&[u8], &Caller) -> Result<Intent, Problem>>,
    /// The intent behind the body that changes one.
    pub update: Option<fn(Uuid, &[u8], &Caller) -> Result<Intent, Problem>>,
    /// The intent that takes one away.
    pub delete: Option<fn(Uuid, &Caller) -> Option<Intent>>,
    /// Whether what is shown of one is more than its own state, so that it is read after a change.
    pub derived: bool,
    /// What names the one member who sees it; none: everybody does.
    pub whose: Option<&'static str>,
    /// Whether it shows who is here, which is written before it is read.
    pub presence: bool,
    /// Whether it says who somebody is, which may be erased.
    pub personal: bool,
}

const fn readable(list: &'static List, all: &'static str, one: &'static str) -> Native {
    Native {
        list,
        all,
        one,
        create: None,
        update: None,
        delete: None,
        derived: false,
        whose: None,
        presence: false,
        personal: false,
    }
}

const fn writable<B>(list: &'static List, all: &'static str, one: &'static str) -> Native
where
    B: Default + Batched<New: DeserializeOwned, Set: DeserializeOwned>,
{
    Native {
        create: Some(|body, caller| B::default().create(json::parse(body)?, caller)),
        update: Some(|id, body, caller| B::default().update(id, json::parse(body)?, caller)),
        delete: Some(|id, caller| B::default().delete(id, caller)),
        ..readable(list, all, one)
    }
}

use docket_projections as lists;

/// Projects.
pub static PROJECTS: Native =
    Native { derived: true, ..writable::<Projects>(&lists::PROJECTS, "/v1/projects", "/v1/projects/{id}") };
/// Tasks.
pub static TASKS: Native = writable::<Tasks>(&lists::TASKS, "/v1/tasks", "/v1/tasks/{id}");
/// Sprints.
pub static SPRINTS: Native =
    Native { derived: true, ..writable::<Sprints>(&lists::SPRINTS, "/v1/sprints", "/v1/sprints/{id}") };
/// Timelogs.
pub static TIMELOGS: Native = writable::<Timelogs>(&lists::TIMELOGS, "/v1/timelogs", "/v1/timelogs/{id}");
/// Labels.
pub static LABELS: Native = writable::<Labels>(&lists::LABELS, "/v1/labels", "/v1/labels/{id}");
/// Teams.
pub static TEAMS: Native = writable::<Teams>(&lists::TEAMS, "/v1/teams", "/v1/teams/{id}");
/// Spaces.
pub static SPACES: Native = writable::<Spaces>(&lists::SPACES, "/v1/spaces", "/v1/spaces/{id}");
/// Customers.
pub static CUSTOMERS: Native = writable::<Customers>(&lists::CUSTOMERS, "/v1/customers", "/v1/customers/{id}");
/// Members.
pub static MEMBERS: Native =
    Native { presence: true, personal: true, ..readable(&lists::MEMBERS, "/v1/members", "/v1/members/{id}") };
/// The workspace of the key.
pub static WORKSPACE: Native = readable(&lists::WORKSPACES, "/v1/workspace", "/v1/workspace");
/// Keys.
pub static KEYS: Native = readable(&lists::KEYS, "/v1/keys", "/v1/keys/{id}");
/// Notifications.
pub static NOTIFICATIONS: Native = Native {
    whose: Some("member_id"),
    ..readable(&lists::NOTIFICATIONS, "/v1/notifications", "/v1/notifications/{id}")
};
