//! `GET /v1/timelogs/{id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_domain::ids::TimelogId;

use super::Timelog;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// One timelog.
#[utoipa::path(get, path = "/v1/timelogs/{id}", tag = "timelogs", operation_id = "get_timelog",
    params(("id" = Uuid, Path, description = "The timelog's id")),
    responses((status = 200, description = "The timelog.", body = Timelog),
              (status = 304, description = "It is still the one of `If-None-Match`.")))]
pub async fn get_timelog(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    respond::one(app.reads.timelog(&caller.reader(), TimelogId(id)).await?, &headers)
}
