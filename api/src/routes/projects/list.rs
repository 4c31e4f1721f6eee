//! `GET /v1/projects`

use axum::extract::State;
use axum::response::Response;

use super::Project;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listing;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::Listed;

/// Lists projects, in the order of their numbers unless sorted otherwise.
#[utoipa::path(get, path = "/v1/projects", tag = "projects", operation_id = "list_projects", params(Listing::<Project>),
    responses((status = 200, description = "A page of projects.", body = inline(Listed<Project>))))]
pub async fn list_projects(
    State(app): State<App>,
    caller: Caller,
    asked: Listing<Project>,
) -> Result<Response, Problem> {
    respond::list(&app, &caller, &asked).await
}
