//! `GET /v1/sprints/{id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::Sprint;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Shown;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// One sprint. Its `ETag` also changes with what its tasks come to.
#[utoipa::path(get, path = "/v1/sprints/{id}", tag = "sprints", operation_id = "get_sprint",
    params(("id" = Uuid, Path, description = "The sprint's id"), Shown::<Sprint>),
    responses((status = 200, description = "The sprint.", body = Sprint),
              (status = 304, description = "It is still the one of `If-None-Match`.")))]
pub async fn get_sprint(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    shown: Shown<Sprint>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    respond::one_of_view(&app, &caller, id, &shown, &headers).await
}
