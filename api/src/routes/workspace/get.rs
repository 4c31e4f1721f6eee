//! `GET /v1/workspace`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::Workspace;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Shown;
use crate::problem::Problem;
use crate::respond;

/// The workspace of the key.
#[utoipa::path(get, path = "/v1/workspace", tag = "workspace", operation_id = "get_workspace", params(Shown::<Workspace>),
    responses((status = 200, description = "The workspace.", body = Workspace),
              (status = 304, description = "It is still the one of `If-None-Match`.")))]
pub async fn get_workspace(
    State(app): State<App>,
    caller: Caller,
    shown: Shown<Workspace>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    respond::view(&app, &caller, caller.workspace.0, &shown, &headers).await
}
