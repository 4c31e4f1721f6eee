//! `GET /v1/sprints`

use axum::extract::State;
use axum::response::Response;

use super::Sprint;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listing;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::Listed;

/// Lists sprints, in the order of their numbers unless sorted otherwise.
#[utoipa::path(get, path = "/v1/sprints", tag = "sprints", operation_id = "list_sprints", params(Listing::<Sprint>),
    responses((status = 200, description = "A page of sprints.", body = inline(Listed<Sprint>))))]
pub async fn list_sprints(State(app): State<App>, caller: Caller, asked: Listing<Sprint>) -> Result<Response, Problem> {
    respond::list(&app, &caller, &asked).await
}
