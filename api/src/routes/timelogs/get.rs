//! `GET /v1/timelogs/{id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::Timelog;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Shown;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// One timelog.
#[utoipa::path(get, path = "/v1/timelogs/{id}", tag = "timelogs", operation_id = "get_timelog",
    params(("id" = Uuid, Path, description = "The timelog's id"), Shown::<Timelog>),
    responses((status = 200, description = "The timelog.", body = Timelog),
              (status = 304, description = "It is still the one of `If-None-Match`.")))]
pub async fn get_timelog(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    shown: Shown<Timelog>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    respond::view(&app, &caller, id, &shown, &headers).await
}
