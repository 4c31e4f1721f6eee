//! `PATCH /v1/projects/{id}/phases/{phase_id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::ids::PhaseId;
use docket_domain::project::{Command, Phase, PhaseChanges, Project};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Place, index, json, written};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::patch::{Change, Patch};
use crate::edge::path::Path;
use crate::edge::scalars::{Date, Id, Line};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// A merge patch (RFC 7396): absent fields stay, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatePhase {
    /// A new name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Change<Line<1, 200>>,
    /// Another first day.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    start_date: Patch<Date>,
    /// Another last day.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    end_date: Patch<Date>,
    /// Another place among the phases, from 1.
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 1, maximum = 100)]
    position: Change<Place>,
}

impl UpdatePhase {
    /// The command behind the patch.
    pub fn command(self, id: Uuid) -> Command {
        let changes = PhaseChanges {
            name: self.name.0.map(Line::into_string),
            start_date: self.start_date.map(|date| date.0).change(),
            end_date: self.end_date.map(|date| date.0).change(),
            place: self.position.0.map(index),
        };
        Command::ChangePhase { id: PhaseId(id), changes }
    }
}

/// Change a phase, or move it among the phases.
#[utoipa::path(patch, path = "/v1/projects/{id}/phases/{phase_id}", tag = "projects", operation_id = "update_phase",
    params(("id" = Uuid, Path, description = "The project's id"),
           ("phase_id" = Uuid, Path, description = "The phase's id")),
    request_body(content = UpdatePhase, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The phase as it is now.", body = Phase)))]
pub async fn update_phase(
    State(app): State<App>,
    caller: Caller,
    Path((Id(project), Id(id))): Path<(Id, Id)>,
    Write { body, idempotency, if_match }: Write<UpdatePhase>,
) -> Result<Response, Problem> {
    let intent = Intent::new::<Project>(project, body.command(id)).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    respond::changed(&answer, json(written(&answer, id)?)?)
}
