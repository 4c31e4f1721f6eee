//! `PATCH /v1/sprints/{id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::sprint::{self, Changes, Command};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Sprint, changed};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::patch::{Change, Patch};
use crate::edge::path::Path;
use crate::edge::scalars::{Date, Id, Line, Text};
use crate::edge::write::Write;
use crate::problem::Problem;

/// A merge patch (RFC 7396): absent fields stay, `null` clears.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSprint {
    /// A new name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Change<Line<1, 200>>,
    /// A new goal.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    goal: Patch<Text<0, 20_000>>,
    /// Another first day.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    start_date: Patch<Date>,
    /// Another last day.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    end_date: Patch<Date>,
}

impl UpdateSprint {
    /// The command behind the patch.
    pub fn command(self) -> Command {
        Command::Update(Changes {
            name: self.name.0.map(Line::into_string),
            goal: self.goal.map(Text::into_string).change(),
            start_date: self.start_date.map(|date| date.0).change(),
            end_date: self.end_date.map(|date| date.0).change(),
        })
    }
}

/// Change a sprint.
#[utoipa::path(patch, path = "/v1/sprints/{id}", tag = "sprints", operation_id = "update_sprint",
    params(("id" = Uuid, Path, description = "The sprint's id")),
    request_body(content = UpdateSprint, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The sprint as it is now.", body = Sprint)))]
pub async fn update_sprint(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Write { body, idempotency, if_match }: Write<UpdateSprint>,
) -> Result<Response, Problem> {
    let intent = Intent::new::<sprint::Sprint>(id, body.command()).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    changed(&app, &caller, &answer).await
}
