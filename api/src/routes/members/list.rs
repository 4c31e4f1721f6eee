//! `GET /v1/members`

use axum::extract::State;
use axum::response::Response;

use super::Member;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listing;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::Listed;

/// Lists members, in the order of their numbers unless sorted otherwise.
#[utoipa::path(get, path = "/v1/members", tag = "members", operation_id = "list_members", params(Listing::<Member>),
    responses((status = 200, description = "A page of members.", body = inline(Listed<Member>))))]
pub async fn list_members(State(app): State<App>, caller: Caller, asked: Listing<Member>) -> Result<Response, Problem> {
    app.reads.write_seen().await;
    respond::list(&app, &caller, &asked).await
}
