//! `GET /v1/projects/{id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_domain::ids::ProjectId;

use super::{Project, open_tasks};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::conditional;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// One project. Its `ETag` also changes with `open_tasks`.
#[utoipa::path(get, path = "/v1/projects/{id}", tag = "projects", operation_id = "get_project",
    params(("id" = Uuid, Path, description = "The project's id")),
    responses((status = 200, description = "The project.", body = Project),
              (status = 304, description = "It is still the one of `If-None-Match`.")))]
pub async fn get_project(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let doc = app.reads.project(&caller.reader(), ProjectId(id)).await?.ok_or_else(Problem::not_found)?;
    let etag = conditional::etag_of_view(doc.version, open_tasks(&doc.json).unwrap_or_default());
    Ok(respond::tagged(&headers, etag, doc.json))
}
