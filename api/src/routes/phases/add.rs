//! `POST /v1/projects/{id}/phases`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::project::{Command, Phase, Project};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{NewPhase, Place, index, json, written};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::{Date, Id, Line};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;
use crate::routes::batch::drawn;

/// A new phase.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPhase {
    /// Its name.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Design")]
    name: Line<1, 200>,
    /// Its first day.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    start_date: Option<Date>,
    /// Its last day; not before `start_date`.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    end_date: Option<Date>,
    /// Its place among the phases, from 1; the last unless said otherwise.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 100)]
    position: Option<Place>,
}

impl AddPhase {
    /// The command that adds it under this id.
    pub fn command(self, id: Uuid) -> Command {
        let Self { name, start_date, end_date, position } = self;
        Command::AddPhase { phase: NewPhase { name, start_date, end_date }.phase(id), place: position.map(index) }
    }
}

/// Add a phase to a project.
#[utoipa::path(post, path = "/v1/projects/{id}/phases", tag = "projects", operation_id = "add_phase",
    params(("id" = Uuid, Path, description = "The project's id")), request_body = AddPhase,
    responses((status = 201, description = "The new phase; `Location` says where.", body = Phase)))]
pub async fn add_phase(
    State(app): State<App>,
    caller: Caller,
    Path(Id(project)): Path<Id>,
    Write { body, idempotency, if_match }: Write<AddPhase>,
) -> Result<Response, Problem> {
    let id = drawn(idempotency.as_ref(), &caller, 0);
    let intent = Intent::new::<Project>(project, body.command(id)).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    respond::created_at(&answer, &format!("/v1/projects/{project}/phases/{id}"), json(written(&answer, id)?)?)
}
