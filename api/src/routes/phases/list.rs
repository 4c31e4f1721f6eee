//! `GET /v1/projects/{id}/phases`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_domain::project::Phase;

use super::{json, seen};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::conditional;
use crate::edge::moment::AsOf;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::Listed;

/// The phases of a project, in their order; all of them, for there are 100 at most.
#[utoipa::path(get, path = "/v1/projects/{id}/phases", tag = "projects", operation_id = "list_phases",
    params(("id" = Uuid, Path, description = "The project's id"), AsOf),
    responses((status = 200, description = "Its phases.", body = inline(Listed<Phase>)),
              (status = 304, description = "They are still those of `If-None-Match`.")))]
pub async fn list_phases(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Query(asked): Query<AsOf>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (version, phases) = seen(&app, &caller, id, &asked).await?;
    let total = i64::try_from(phases.len()).unwrap_or(i64::MAX);
    let list = json(&Listed { data: phases, next_cursor: None, has_more: false, total, total_is_exact: true })?;
    Ok(respond::tagged(&headers, conditional::etag(version), list))
}
