//! `GET /v1/projects/{id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::Project;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Shown;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// One project. Its `ETag` also changes with `open_tasks`.
#[utoipa::path(get, path = "/v1/projects/{id}", tag = "projects", operation_id = "get_project",
    params(("id" = Uuid, Path, description = "The project's id"), Shown::<Project>),
    responses((status = 200, description = "The project.", body = Project),
              (status = 304, description = "It is still the one of `If-None-Match`.")))]
pub async fn get_project(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    shown: Shown<Project>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    respond::one_of_view(&app, &caller, id, &shown, &headers).await
}
