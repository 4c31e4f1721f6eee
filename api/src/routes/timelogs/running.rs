//! `GET /v1/timelogs/running`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Timelog;
use super::whose::whose;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::moment;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// Whose timer.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RunningTimer {
    /// The member the key acts for, unless said otherwise.
    #[param(value_type = Option<Uuid>)]
    member_id: Option<Id>,
    /// As it was then: a time (RFC 3339), a day (its end, in UTC), or a position (a number, or a `Docket-Position`).
    #[param(example = "2026-03-02T17:00:00Z")]
    as_of: Option<String>,
}

/// The running timer; 404 if none runs.
#[utoipa::path(get, path = "/v1/timelogs/running", tag = "timelogs", operation_id = "get_running_timer",
    params(RunningTimer),
    responses((status = 200, description = "The running timer.", body = Timelog),
              (status = 304, description = "It is still the one of `If-None-Match`."),
              (status = 404, description = "None runs.")))]
pub async fn get_running_timer(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<RunningTimer>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let member = whose(asked.member_id, &caller).ok_or_else(|| {
        Problem::parameter("member_id", "missing-parameter", "This key acts for no member: say whose timer.")
    })?;
    let as_of = moment::as_of(asked.as_of.as_deref(), caller.partition)?;
    let timer = app.reads.running_timer(&caller.reader(), member, as_of).await?;
    respond::one(timer.map(|(_, doc)| doc), &headers)
}
