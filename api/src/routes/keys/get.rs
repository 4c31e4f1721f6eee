//! `GET /v1/keys/{id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::{Key, seen};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Shown;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// One key: one's own, or as an admin any. The `ETag` also changes with its last use.
#[utoipa::path(get, path = "/v1/keys/{id}", tag = "keys", operation_id = "get_key",
    params(("id" = Uuid, Path, description = "The key's id"), Shown::<Key>),
    responses((status = 200, description = "The key.", body = Key),
              (status = 304, description = "It is still the one of `If-None-Match`.")))]
pub async fn get_key(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    shown: Shown<Key>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    seen(&app, &caller, id).await?;
    respond::one_of_view(&app, &caller, id, &shown, &headers).await
}
