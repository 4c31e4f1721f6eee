//! `GET /v1/timelogs`

use axum::extract::State;
use axum::response::Response;
use docket_domain::ids::{MemberId, ProjectId, TaskId};
use docket_projections::TimelogQuery;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Timelog;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::{Listed, page};

/// Which timelogs.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListTimelogs {
    /// Only this member's.
    #[param(value_type = Option<Uuid>)]
    member_id: Option<Id>,
    /// Only those on this task.
    #[param(value_type = Option<Uuid>)]
    task_id: Option<Id>,
    /// Only those for this project.
    #[param(value_type = Option<Uuid>)]
    project_id: Option<Id>,
    /// How many at most: 1 to 200, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    /// How many to skip, instead of a cursor.
    offset: Option<u32>,
}

/// Lists timelogs, in the order of their numbers.
#[utoipa::path(get, path = "/v1/timelogs", tag = "timelogs", operation_id = "list_timelogs", params(ListTimelogs),
    responses((status = 200, description = "A page of timelogs.", body = inline(Listed<Timelog>))))]
pub async fn list_timelogs(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<ListTimelogs>,
) -> Result<Response, Problem> {
    let query = TimelogQuery {
        member_id: asked.member_id.map(|id| MemberId(id.0)),
        task_id: asked.task_id.map(|id| TaskId(id.0)),
        project_id: asked.project_id.map(|id| ProjectId(id.0)),
        page: page(asked.limit, asked.cursor, asked.offset)?,
    };
    Ok(respond::page(&app.reads.timelogs(&caller.reader(), &query).await?))
}
