//! The history of every resource, for those who audit: what happened to it and why it is as it is. One operation each,
//! whatever the resource.

pub mod diff;
pub mod explain;
pub mod get;
pub mod whole;

use docket_domain::api_key::ApiKey;
use docket_domain::changes::Change;
use docket_domain::customer::Customer;
use docket_domain::label::Label;
use docket_domain::position::Position;
use docket_domain::space::Space;
use docket_domain::team::Team;
use docket_domain::webhook::Webhook;
use docket_domain::{Actor, Aggregate, comment, member, notification, project, sprint, task, timelog, workspace};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub struct Event {
    /// Its place in the history of the workspace's partition.
    position: i64,
    /// What kind of thing it happened to.
    kind: String,
    /// What it happened to.
    resource_id: Uuid,
    /// The resource's version after it: 1, 2, 3 …
    version: i64,
    /// What happened, for example `task.status_changed`.
    #[serde(rename = "type")]
    what: String,
    /// Who did it.
    actor: Actor,
    /// The key that was used.
    key_id: Option<Uuid>,
    /// The command that it is a part of: all of its events were committed together.
    command_id: Uuid,
    /// The command that directly caused it: its own, unless it was sent because of another, as undoing and notifying are.
    causation_id: Uuid,
    /// Where an event of that is, if it is not its own.
    causation_position: Option<i64>,
    /// The request that carried it.
    request_id: String,
    /// The API it came through.
    dialect: String,
    /// When it happened, as the caller says.
    occurred_at: chrono::DateTime<chrono::Utc>,
    /// When it was committed.
    recorded_at: chrono::DateTime<chrono::Utc>,
    /// What changed, as the event has it.
    data: serde_json::Value,
}

/// Something that happened to a resource, and which fields it changed.
#[derive(Serialize, ToSchema)]
pub struct EventOfResource {
    /// What happened.
    #[serde(flatten)]
    event: Event,
    /// The fields it changed, from what to what.
    changes: Vec<Change>,
}

/// A kind of resource that has a history, as paths have it.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Tasks.
    Tasks,
    /// Comments.
    Comments,
    /// Projects.
    Projects,
    /// Sprints.
    Sprints,
    /// Timelogs.
    Timelogs,
    /// Notifications.
    Notifications,
    /// Members.
    Members,
    /// Labels.
    Labels,
    /// Teams.
    Teams,
    /// Positions.
    Positions,
    /// Spaces.
    Spaces,
    /// Customers.
    Customers,
    /// Webhooks.
    Webhooks,
    /// Keys.
    Keys,
    /// The workspace.
    Workspaces,
}

impl Resource {
    /// What the domain calls it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Tasks => of::<task::Task>(),
            Self::Comments => of::<comment::Comment>(),
            Self::Projects => of::<project::Project>(),
            Self::Sprints => of::<sprint::Sprint>(),
            Self::Timelogs => of::<timelog::Timelog>(),
            Self::Notifications => of::<notification::Notification>(),
            Self::Members => of::<member::Member>(),
            Self::Labels => of::<Label>(),
            Self::Teams => of::<Team>(),
            Self::Positions => of::<Position>(),
            Self::Spaces => of::<Space>(),
            Self::Customers => of::<Customer>(),
            Self::Webhooks => of::<Webhook>(),
            Self::Keys => of::<ApiKey>(),
            Self::Workspaces => of::<workspace::Workspace>(),
        }
    }
}

fn of<A: Aggregate>() -> &'static str {
    A::TYPE
}

/// The operations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get::get_history))
        .routes(routes!(explain::explain_field))
        .routes(routes!(diff::get_diff))
        .routes(routes!(whole::get_project_diff))
}
