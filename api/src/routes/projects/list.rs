//! `GET /v1/projects`

use axum::extract::State;
use axum::response::Response;
use docket_projections::ProjectQuery;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Project;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::query::Query;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::{Listed, page};

/// Which projects.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListProjects {
    /// Only the archived, or only the others.
    archived: Option<bool>,
    /// How many at most: 1 to 200, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    /// How many to skip, instead of a cursor.
    offset: Option<u32>,
}

/// Lists projects, in the order of their numbers.
#[utoipa::path(get, path = "/v1/projects", tag = "projects", operation_id = "list_projects", params(ListProjects),
    responses((status = 200, description = "A page of projects.", body = inline(Listed<Project>))))]
pub async fn list_projects(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<ListProjects>,
) -> Result<Response, Problem> {
    let page = page(asked.limit, asked.cursor, asked.offset)?;
    let query = ProjectQuery { archived: asked.archived, page };
    Ok(respond::page(&app.reads.projects(&caller.reader(), &query).await?))
}
