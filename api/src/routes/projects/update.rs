//! `PATCH /v1/projects/{id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::ids::{CustomerId, MemberId, SpaceId, TeamId};
use docket_domain::project::{self, Changes, Command, StatusChoice};
use docket_projections::Following;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Project, changed, members};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::patch::{Change, Patch};
use crate::edge::path::Path;
use crate::edge::scalars::{Date, Id, Ids, Line, Text};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::routes::follow::Followers;

/// A merge patch (RFC 7396): absent fields stay, `null` clears.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateProject {
    /// A new name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Change<Line<1, 200>>,
    /// The key of another one of the workspace's `project_statuses`.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 50, example = "in_progress")]
    status: Change<Line<1, 50>>,
    /// Exactly these members.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 500, required = false)]
    member_ids: Change<Ids<500>>,
    /// A new description.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    description: Patch<Text<0, 20_000>>,
    /// Another code.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 10, example = "WEB")]
    code: Patch<Line<1, 10>>,
    /// Another colour.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 7, example = "#d73a4a")]
    color: Patch<Line<1, 7>>,
    /// Another first day.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    start_date: Patch<Date>,
    /// Another day on which it has to be done.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    due_date: Patch<Date>,
    /// Another lead.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    lead_id: Patch<Id>,
    /// Another team.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    team_id: Patch<Id>,
    /// Another space.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    space_id: Patch<Id>,
    /// Another customer.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    customer_id: Patch<Id>,
    /// Whether the customer pays for it; null without a customer.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    billable: Patch<bool>,
    /// Whether it is archived: then it takes no new tasks.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    archived: Change<bool>,
}

impl UpdateProject {
    /// The tasks that follow the project if it gets a customer, or loses it.
    pub fn following(&self, id: Uuid) -> Option<Followers> {
        Some(Followers::Tasks(match self.customer_id {
            Patch::Absent => return None,
            Patch::Null => Following::Billable(id.into()),
            Patch::Value(_) => Following::NotSaid(id.into()),
        }))
    }

    /// The command behind the patch.
    pub fn command(self, caller: &Caller) -> Command {
        let choice = |key: Line<1, 50>| StatusChoice { workspace: caller.workspace, key: Some(key.into_string()) };
        Command::Update(Changes {
            name: self.name.0.map(Line::into_string),
            status: self.status.0.map(choice),
            member_ids: self.member_ids.0.map(members),
            description: self.description.map(Text::into_string).change(),
            code: self.code.map(Line::into_string).change(),
            color: self.color.map(Line::into_string).change(),
            start_date: self.start_date.map(|date| date.0).change(),
            due_date: self.due_date.map(|date| date.0).change(),
            lead_id: self.lead_id.map(|id| MemberId(id.0)).change(),
            team_id: self.team_id.map(|id| TeamId(id.0)).change(),
            space_id: self.space_id.map(|id| SpaceId(id.0)).change(),
            customer_id: self.customer_id.map(|id| CustomerId(id.0)).change(),
            billable: self.billable.change(),
            archived: self.archived.0,
        })
    }
}

/// Change a project.
#[utoipa::path(patch, path = "/v1/projects/{id}", tag = "projects", operation_id = "update_project",
    params(("id" = Uuid, Path, description = "The project's id")),
    request_body(content = UpdateProject, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The project as it is now.", body = Project)))]
pub async fn update_project(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Write { body, idempotency, if_match }: Write<UpdateProject>,
) -> Result<Response, Problem> {
    let following = body.following(id);
    let mut intents = vec![Intent::new::<project::Project>(id, body.command(&caller)).expecting(if_match.versions())];
    if let Some(followers) = &following {
        intents.extend(followers.first(&app, &caller).await?);
    }
    let mut answer = app.execute(&caller, idempotency, intents, Mode::Atomic).await?;
    if let Some(followers) = following {
        followers.rest(&app, &caller, &mut answer).await?;
    }
    changed(&app, &caller, &answer).await
}
