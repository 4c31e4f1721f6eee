//! `PATCH /v1/timelogs/{id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::ids::{ProjectId, TaskId};
use docket_domain::timelog::{Action, Changes};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Timelog;
use super::whose::intent;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::patch::{Change, Patch};
use crate::edge::path::Path;
use crate::edge::scalars::{Id, Instant, Text, TimeZone};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// A merge patch (RFC 7396): absent fields stay, `null` clears.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectTimelog {
    /// Another task, or none. Unless `project_id` says otherwise, the project becomes the task's.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub task_id: Patch<Id>,
    /// Another project; that of the task, if there is one.
    #[serde(default)]
    #[schema(value_type = Uuid, required = false)]
    pub project_id: Change<Id>,
    /// Another start.
    #[serde(default)]
    #[schema(value_type = DateTime<Utc>, required = false)]
    pub started_at: Change<Instant>,
    /// Another end. It stops a running timer.
    #[serde(default)]
    #[schema(value_type = DateTime<Utc>, required = false)]
    pub ended_at: Change<Instant>,
    /// Another note.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub note: Patch<Text<0, 2_000>>,
    /// Another time zone, and with it perhaps another day.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub time_zone: Change<TimeZone>,
    /// Whether the customer pays for it; null: as for the project.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub billable: Patch<bool>,
}

impl CorrectTimelog {
    /// What the patch asks for.
    pub fn action(self) -> Action {
        Action::Correct(Changes {
            task_id: self.task_id.map(|id| TaskId(id.0)).change(),
            project_id: self.project_id.0.map(|id| ProjectId(id.0)),
            started_at: self.started_at.0.map(|time| time.0),
            ended_at: self.ended_at.0.map(|time| time.0),
            note: self.note.map(Text::into_string).change(),
            zone: self.time_zone.0.map(|zone| zone.0),
            billable: self.billable.change(),
        })
    }
}

/// Correct a timelog. Others' time takes the role manager.
#[utoipa::path(patch, path = "/v1/timelogs/{id}", tag = "timelogs", operation_id = "correct_timelog",
    params(("id" = Uuid, Path, description = "The timelog's id")),
    request_body(content = CorrectTimelog, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The timelog as it is now.", body = Timelog)))]
pub async fn correct_timelog(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Write { body, idempotency, if_match }: Write<CorrectTimelog>,
) -> Result<Response, Problem> {
    let intent = intent(&caller, id, body.action()).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let body = respond::only(&answer)?.state.to_json();
    respond::changed(&answer, body)
}
