//! `GET /v1/members`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Member;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::query::Query;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::{Listed, page};

/// Which members.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListMembers {
    /// How many at most: 1 to 200, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    /// How many to skip, instead of a cursor.
    offset: Option<u32>,
}

/// Lists members, in the order of their numbers.
#[utoipa::path(get, path = "/v1/members", tag = "members", operation_id = "list_members", params(ListMembers),
    responses((status = 200, description = "A page of members.", body = inline(Listed<Member>))))]
pub async fn list_members(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<ListMembers>,
) -> Result<Response, Problem> {
    let page = page(asked.limit, asked.cursor, asked.offset)?;
    app.reads.write_seen().await;
    Ok(respond::page(&app.reads.members(&caller.reader(), &page).await?))
}
