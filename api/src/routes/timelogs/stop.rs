//! `POST /v1/timelogs/stop`

use axum::extract::State;
use axum::response::Response;
use docket_commands::{Answer, Idempotency};
use docket_domain::timelog::Action;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timelog;
use super::log::unsaid;
use super::timer::Timer;
use super::whose::{intent, whose};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::Id;
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// Whose timer.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopTimer {
    /// The member the key acts for, unless said otherwise. Others' timers take the role manager.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub member_id: Option<Id>,
}

/// Stop the running timer.
#[utoipa::path(post, path = "/v1/timelogs/stop", tag = "timelogs", operation_id = "stop_timer",
    request_body = StopTimer,
    responses((status = 200, description = "The time it took.", body = Timelog)))]
pub async fn stop_timer(
    State(app): State<App>,
    caller: Caller,
    Write { body, idempotency, .. }: Write<StopTimer>,
) -> Result<Response, Problem> {
    let answer = stop(&app, &caller, body, idempotency).await?;
    let body = respond::only(&answer)?.state.to_json();
    respond::changed(&answer, body)
}

/// Stops the running timer.
pub async fn stop(
    app: &App,
    caller: &Caller,
    body: StopTimer,
    idempotency: Option<Idempotency>,
) -> Result<Answer, Problem> {
    let member = whose(body.member_id, caller).ok_or_else(unsaid)?;
    // If nothing runs, stopping nothing is refused, unless it is a repeated request that did stop something.
    let intents = |running: Option<Uuid>| vec![intent(caller, running.unwrap_or_else(Uuid::new_v4), Action::Stop)];
    Timer { app, caller, member }.execute(idempotency, intents).await
}
