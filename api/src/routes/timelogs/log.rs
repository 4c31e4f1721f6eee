//! `POST /v1/timelogs`

use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::ids::{ProjectId, TaskId};
use docket_domain::timelog::{self, Action, Work};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timelog;
use super::whose::{command, reckoned, whose};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::{Id, Instant, Text, TimeZone, Whole};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// Time that was worked: on a task, or for a project. It ends at `ended_at`, or `duration_seconds` after its start.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogTime {
    /// Who worked; the member the key acts for, unless said otherwise. Others' time takes the role manager.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub member_id: Option<Id>,
    /// On which task.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub task_id: Option<Id>,
    /// For which project; needed where no task is named, and otherwise the task's.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub project_id: Option<Id>,
    /// From when.
    #[schema(value_type = DateTime<Utc>)]
    pub started_at: Instant,
    /// Until when: after the start, not in the future, at most 24 hours later.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub ended_at: Option<Instant>,
    /// How long, instead of `ended_at`.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 86400)]
    pub duration_seconds: Option<Whole<1, 86_400>>,
    /// What was done.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub note: Option<Text<0, 2_000>>,
    /// Where the day is reckoned that it counts for; the workspace's time zone unless said otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    pub time_zone: Option<TimeZone>,
    /// Whether the customer pays for it; as for the task or the project unless said otherwise.
    #[serde(default)]
    pub billable: Option<bool>,
}

impl LogTime {
    /// The intent behind the body.
    pub fn intent(self, caller: &Caller) -> Result<Intent, Problem> {
        let started_at = self.started_at.0;
        let ended_at = match (self.ended_at, self.duration_seconds) {
            (Some(end), None) => end.0,
            (None, Some(seconds)) => started_at + TimeDelta::seconds(seconds.0),
            (None, None) => {
                return Err(Problem::field("/ended_at", "required", "Say when it ended, or how long it took."));
            }
            (Some(_), Some(_)) => {
                let detail = "Send either ended_at or duration_seconds, not both.";
                return Err(Problem::field("/duration_seconds", "two-ends", detail));
            }
        };
        let work = Work {
            member_id: whose(self.member_id, caller).ok_or_else(unsaid)?,
            task_id: self.task_id.map(|id| TaskId(id.0)),
            project_id: self.project_id.map(|id| ProjectId(id.0)),
            note: self.note.map(Text::into_string),
            zone: reckoned(self.time_zone, caller),
            billable: self.billable,
        };
        let action = Action::Log { work, started_at, ended_at };
        Ok(Intent::create::<timelog::Timelog>(Uuid::new_v4(), command(caller, action)))
    }
}

/// What a key that acts for no member has to say.
pub fn unsaid() -> Problem {
    Problem::field("/member_id", "required", "This key acts for no member: say whose time it is.")
}

/// Log time.
#[utoipa::path(post, path = "/v1/timelogs", tag = "timelogs", operation_id = "log_time", request_body = LogTime,
    responses((status = 201, description = "The new timelog; `Location` says where.", body = Timelog)))]
pub async fn log_time(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, .. }: Write<LogTime>,
) -> Result<Response, Problem> {
    let intent = body.intent(&caller)?;
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let state = &respond::only(&answer)?.state;
    respond::created_at(&answer, &format!("/v1/timelogs/{}", state.id()), state.to_json())
}
