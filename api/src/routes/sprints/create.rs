//! `POST /v1/sprints`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::ids::ProjectId;
use docket_domain::sprint::{self, Command, Plan};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Progress, Sprint, with_progress};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::{Date, Id, Line, Text};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// A new sprint.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSprint {
    /// The project it belongs to, for good.
    #[schema(value_type = Uuid)]
    project_id: Id,
    /// Its name.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "July, first half")]
    name: Line<1, 200>,
    /// What it is to achieve. Markdown.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    goal: Option<Text<0, 20_000>>,
    /// Its first day.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    start_date: Option<Date>,
    /// Its last day; not before `start_date`.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    end_date: Option<Date>,
}

impl CreateSprint {
    /// The intent behind the body.
    pub fn intent(self) -> Intent {
        let plan = Plan {
            project_id: ProjectId(self.project_id.0),
            name: self.name.into_string(),
            goal: self.goal.map(Text::into_string),
            start_date: self.start_date.map(|date| date.0),
            end_date: self.end_date.map(|date| date.0),
        };
        Intent::create::<sprint::Sprint>(Uuid::new_v4(), Command::Plan(plan))
    }
}

/// Plan a sprint.
#[utoipa::path(post, path = "/v1/sprints", tag = "sprints", operation_id = "create_sprint",
    request_body = CreateSprint,
    responses((status = 201, description = "The new sprint; `Location` says where.", body = Sprint)))]
pub async fn create_sprint(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, .. }: Write<CreateSprint>,
) -> Result<Response, Problem> {
    let answer = app.execute(&caller, idempotency, vec![body.intent()], Mode::Atomic).await?;
    let state = &respond::only(&answer)?.state;
    // A new sprint has no tasks yet.
    let body = with_progress(&state.to_json(), Some(&Progress::default()));
    respond::created_at(&answer, &format!("/v1/sprints/{}", state.id()), body)
}
