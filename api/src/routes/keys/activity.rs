//! `GET /v1/keys/{id}/activity`

use axum::extract::State;
use axum::response::Response;
use docket_domain::api_key::ApiKey;

use super::seen;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::routes::activity;
use crate::routes::history::EventOfResource;
use crate::routes::history::get::AskHistory;
use crate::routes::paging::Listed;

/// What happened to a key, from its minting on: to one's own, or as an admin to any. Not what was done with it.
#[utoipa::path(get, path = "/v1/keys/{id}/activity", tag = "keys", operation_id = "list_key_activity",
    params(("id" = Uuid, Path, description = "The key's id"), AskHistory),
    responses((status = 200, description = "A page of its activity.", body = inline(Listed<EventOfResource>))))]
pub async fn list_key_activity(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Query(asked): Query<AskHistory>,
) -> Result<Response, Problem> {
    seen(&app, &caller, id).await?;
    activity::of::<ApiKey>(&app, &caller, id, asked).await
}
