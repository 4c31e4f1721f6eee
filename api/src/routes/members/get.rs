//! `GET /v1/members/{id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_domain::ids::MemberId;

use super::Member;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::conditional;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// One member. The `ETag` also changes with their teams and whether they are here.
#[utoipa::path(get, path = "/v1/members/{id}", tag = "members", operation_id = "get_member",
    params(("id" = Uuid, Path, description = "The member's id")),
    responses((status = 200, description = "The member.", body = Member),
              (status = 304, description = "They are still as in `If-None-Match`.")))]
pub async fn get_member(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.reads.write_seen().await;
    let doc = app.reads.member(&caller.reader(), MemberId(id)).await?.ok_or_else(Problem::not_found)?;
    let etag = conditional::etag_of_view(doc.version, crc32fast::hash(doc.json.as_bytes()).into());
    Ok(respond::tagged(&headers, etag, doc.json))
}
