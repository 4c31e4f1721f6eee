//! `GET /v1/members/{id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::Member;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Shown;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// One member. The `ETag` also changes with their teams and whether they are here.
#[utoipa::path(get, path = "/v1/members/{id}", tag = "members", operation_id = "get_member",
    params(("id" = Uuid, Path, description = "The member's id"), Shown::<Member>),
    responses((status = 200, description = "The member.", body = Member),
              (status = 304, description = "They are still as in `If-None-Match`.")))]
pub async fn get_member(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    shown: Shown<Member>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.reads.write_seen().await;
    respond::one_of_view(&app, &caller, id, &shown, &headers).await
}
