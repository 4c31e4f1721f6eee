//! `GET /v1/workspace/activity`

use axum::extract::State;
use axum::response::Response;
use docket_domain::workspace;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::query::Query;
use crate::problem::Problem;
use crate::routes::activity;
use crate::routes::history::EventOfResource;
use crate::routes::history::get::AskHistory;
use crate::routes::paging::Listed;

/// What happened to the workspace itself, from its creation on.
#[utoipa::path(get, path = "/v1/workspace/activity", tag = "workspace", operation_id = "list_workspace_activity",
    params(AskHistory),
    responses((status = 200, description = "A page of its activity.", body = inline(Listed<EventOfResource>))))]
pub async fn list_workspace_activity(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<AskHistory>,
) -> Result<Response, Problem> {
    activity::of::<workspace::Workspace>(&app, &caller, caller.workspace.0, asked).await
}
