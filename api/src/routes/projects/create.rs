//! `POST /v1/projects`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::ids::{CustomerId, MemberId, SpaceId, TeamId};
use docket_domain::project::{self, Changes, Command, Create, StatusChoice};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Project, members};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::{Date, Id, Ids, Line, Text};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;
use crate::routes::phases::NewPhase;

/// A new project.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProject {
    /// Its name.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Website")]
    name: Line<1, 200>,
    /// The key of one of the workspace's `project_statuses`; the first of them unless said otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 50, example = "in_progress")]
    status: Option<Line<1, 50>>,
    /// Who works on it.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 500, required = false)]
    member_ids: Ids<500>,
    /// Markdown.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    description: Option<Text<0, 20_000>>,
    /// A short name of capital letters and digits, a letter first; unique in the workspace.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 10, example = "WEB")]
    code: Option<Line<1, 10>>,
    /// `#rrggbb`.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 7, example = "#d73a4a")]
    color: Option<Line<1, 7>>,
    /// Its first day.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    start_date: Option<Date>,
    /// The day on which it has to be done; not before `start_date`.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    due_date: Option<Date>,
    /// Who leads it.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    lead_id: Option<Id>,
    /// Which team does it.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    team_id: Option<Id>,
    /// In which space it is found.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    space_id: Option<Id>,
    /// For whom it is done.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    customer_id: Option<Id>,
    /// Whether the customer pays for it; as is usual for the customer unless said otherwise.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    billable: Option<bool>,
    /// Its phases, in their order.
    #[serde(default)]
    #[schema(required = false, max_items = 100)]
    phases: Vec<NewPhase>,
}

impl CreateProject {
    /// The intent behind the body.
    pub fn intent(self, caller: &Caller) -> Intent {
        let set = Changes {
            status: Some(StatusChoice { workspace: caller.workspace, key: self.status.map(Line::into_string) }),
            member_ids: Some(members(self.member_ids)),
            description: self.description.map(Text::into_string).map(Some),
            code: self.code.map(Line::into_string).map(Some),
            color: self.color.map(Line::into_string).map(Some),
            start_date: self.start_date.map(|date| date.0).map(Some),
            due_date: self.due_date.map(|date| date.0).map(Some),
            lead_id: self.lead_id.map(|id| MemberId(id.0)).map(Some),
            team_id: self.team_id.map(|id| TeamId(id.0)).map(Some),
            space_id: self.space_id.map(|id| SpaceId(id.0)).map(Some),
            customer_id: self.customer_id.map(|id| CustomerId(id.0)).map(Some),
            billable: self.billable.map(Some),
            ..Changes::default()
        };
        let phases = self.phases.into_iter().map(|phase| phase.phase(Uuid::new_v4())).collect();
        let new = Create { name: self.name.into_string(), phases, set };
        Intent::create::<project::Project>(Uuid::new_v4(), Command::Create(new))
    }
}

/// Create a project.
#[utoipa::path(post, path = "/v1/projects", tag = "projects", operation_id = "create_project",
    request_body = CreateProject,
    responses((status = 201, description = "The new project; `Location` says where.", body = Project)))]
pub async fn create_project(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, .. }: Write<CreateProject>,
) -> Result<Response, Problem> {
    let answer = app.execute(&caller, idempotency, vec![body.intent(&caller)], Mode::Atomic).await?;
    let state = &respond::only(&answer)?.state;
    // A new project has no tasks yet.
    let body = super::with_open_tasks(&state.to_json(), Some(0));
    respond::created_at(&answer, &format!("/v1/projects/{}", state.id()), body)
}
