//! `POST /v1/timelogs/start`

use axum::extract::State;
use axum::response::Response;
use docket_commands::{Answer, Idempotency};
use docket_domain::Intent;
use docket_domain::ids::{ProjectId, TaskId};
use docket_domain::timelog::{self, Action, Work};
use docket_failpoints::failpoint;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timelog;
use super::log::unsaid;
use super::timer::Timer;
use super::whose::{command, intent, reckoned, whose};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::{Id, Text, TimeZone};
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// What somebody begins to work on.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartTimer {
    /// Who works; the member the key acts for, unless said otherwise. Others' timers take the role manager.
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
    /// What is done.
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

/// Start a timer. A running one of the same member is stopped by the same commit.
#[utoipa::path(post, path = "/v1/timelogs/start", tag = "timelogs", operation_id = "start_timer",
    request_body = StartTimer,
    responses((status = 201, description = "The running timer; `Location` says where.", body = Timelog)))]
pub async fn start_timer(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, .. }: Write<StartTimer>,
) -> Result<Response, Problem> {
    let answer = start(&app, &caller, body, idempotency).await?;
    let state = &respond::only(&answer)?.state;
    respond::created_at(&answer, &format!("/v1/timelogs/{}", state.id()), state.to_json())
}

/// Starts a timer and stops a running one.
pub async fn start(
    app: &App,
    caller: &Caller,
    body: StartTimer,
    idempotency: Option<Idempotency>,
) -> Result<Answer, Problem> {
    let member = whose(body.member_id, caller).ok_or_else(unsaid)?;
    let work = Work {
        member_id: member,
        task_id: body.task_id.map(|id| TaskId(id.0)),
        project_id: body.project_id.map(|id| ProjectId(id.0)),
        note: body.note.map(Text::into_string),
        zone: reckoned(body.time_zone, caller),
        billable: body.billable,
    };
    let id = Uuid::new_v4();
    let stop = |running| intent(caller, running, Action::Stop);
    // First the new one: it is what a repeated request is answered with, whatever runs by then.
    let intents = |running: Option<Uuid>| {
        let start = Intent::create::<timelog::Timelog>(id, command(caller, Action::Start(work.clone())));
        std::iter::once(start).chain(running.filter(|_| !failpoint!("lets-two-timers-run")).map(stop)).collect()
    };
    Timer { app, caller, member }.execute(idempotency, intents).await
}
