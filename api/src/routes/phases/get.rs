//! `GET /v1/projects/{id}/phases/{phase_id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_domain::project::Phase;

use super::{Phased, json, seen};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::conditional;
use crate::edge::moment::AsOf;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// One phase of a project.
#[utoipa::path(get, path = "/v1/projects/{id}/phases/{phase_id}", tag = "projects", operation_id = "get_phase",
    params(("id" = Uuid, Path, description = "The project's id"),
           ("phase_id" = Uuid, Path, description = "The phase's id"), AsOf),
    responses((status = 200, description = "The phase.", body = Phase),
              (status = 304, description = "It is still the one of `If-None-Match`.")))]
pub async fn get_phase(
    State(app): State<App>,
    caller: Caller,
    Path((Id(project), Id(id))): Path<(Id, Id)>,
    Query(asked): Query<AsOf>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (version, Phased { phases, .. }) = seen(&app, &caller, project, asked.moment(caller.partition)?).await?;
    let phase = phases.iter().find(|phase| phase.id.0 == id).ok_or_else(Problem::not_found)?;
    Ok(respond::tagged(&headers, conditional::etag(version), json(phase)?))
}
