//! `GET /v1/keys`

use axum::extract::State;
use axum::response::Response;

use super::Key;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listing;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::Listed;

/// Lists keys, in the order of their numbers unless sorted otherwise; revoked ones too.
#[utoipa::path(get, path = "/v1/keys", tag = "keys", operation_id = "list_keys", params(Listing::<Key>),
    responses((status = 200, description = "A page of keys.", body = inline(Listed<Key>))))]
pub async fn list_keys(State(app): State<App>, caller: Caller, asked: Listing<Key>) -> Result<Response, Problem> {
    app.reads.write_seen().await;
    respond::list(&app, &caller, &asked).await
}
