//! `GET /v1/timelogs`

use axum::extract::State;
use axum::response::Response;

use super::Timelog;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listing;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::Listed;

/// Lists timelogs, in the order of their numbers unless sorted otherwise.
#[utoipa::path(get, path = "/v1/timelogs", tag = "timelogs", operation_id = "list_timelogs",
    params(Listing::<Timelog>),
    responses((status = 200, description = "A page of timelogs.", body = inline(Listed<Timelog>))))]
pub async fn list_timelogs(
    State(app): State<App>,
    caller: Caller,
    asked: Listing<Timelog>,
) -> Result<Response, Problem> {
    respond::list(&app, &caller, &asked).await
}
