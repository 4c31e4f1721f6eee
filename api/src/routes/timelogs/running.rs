//! `GET /v1/timelogs/running`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_domain::ids::MemberId;
use docket_projections::{ListQuery, Op, PageQuery, Start, TIMELOGS, Value, View};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Timelog;
use super::whose::whose;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::conditional;
use crate::edge::listing::{Shown, ShownOf};
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
}

/// The running timer; 404 if none runs.
#[utoipa::path(get, path = "/v1/timelogs/running", tag = "timelogs", operation_id = "get_running_timer",
    params(RunningTimer, Shown::<Timelog>),
    responses((status = 200, description = "The running timer.", body = Timelog),
              (status = 304, description = "It is still the one of `If-None-Match`."),
              (status = 404, description = "None runs.")))]
pub async fn get_running_timer(
    State(app): State<App>,
    caller: Caller,
    ShownOf(view, asked, _): ShownOf<Timelog, RunningTimer>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let member = whose(asked.member_id, &caller).ok_or_else(|| {
        Problem::parameter("member_id", "missing-parameter", "This key acts for no member: say whose timer.")
    })?;
    if view.expand.is_empty() && view.fields.is_none() {
        let timer = app.reads.running_timer(&caller.reader(), member, view.as_of).await?;
        return respond::one(timer.map(|(_, doc)| doc), &headers);
    }
    let page = app.reads.list(&caller.reader(), &TIMELOGS, &running(member, view)).await?;
    let timer = page.docs.last().ok_or_else(Problem::not_found)?.to_owned();
    Ok(respond::tagged(&headers, conditional::etag_of_view(0, crc32fast::hash(timer.as_bytes())), timer))
}

/// The one that runs, as a list.
fn running(member: MemberId, view: View) -> ListQuery {
    let page = PageQuery { limit: 1, start: Start::First };
    ListQuery { page, view, ..ListQuery::default() }
        .with(&TIMELOGS, "member_id", Op::Is, vec![Value::Id(member.0)])
        .with(&TIMELOGS, "running", Op::Is, vec![Value::Bool(true)])
}
