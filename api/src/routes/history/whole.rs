//! `GET /v1/projects/{id}/diff`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use docket_domain::changes::Change;
use docket_projections::{Altered, Fate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::diff::Diff;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::moment;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;
use crate::routes::audit::latest;
use crate::routes::paging::page;

/// Between which moments, and which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskProjectDiff {
    /// The earlier one: a time (RFC 3339), or a position.
    #[param(example = "2026-01-01T00:00:00Z")]
    from: String,
    /// The later one; now, unless said otherwise.
    to: Option<String>,
    /// How many of what belongs to the project at most: 1 to 200, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
}

/// What differs between two moments of a project and of all that belongs to it.
#[derive(Serialize, ToSchema)]
pub struct ProjectDiff {
    /// The project itself.
    #[serde(flatten)]
    of_itself: Diff,
    /// What differs of its phases, sprints, tasks, comments and timelogs, in this order.
    data: Vec<PartDiff>,
    /// What to send as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
    /// Whether there is a next page.
    has_more: bool,
}

/// Something that belongs to the project, and how it differs.
#[derive(Serialize, ToSchema)]
pub struct PartDiff {
    /// What it is: `phase`, `sprint`, `task`, `comment` or `timelog`.
    kind: &'static str,
    /// Which one.
    id: Uuid,
    /// What it is called, if it has a name.
    name: Option<String>,
    /// Whether it is there at the later moment only, at the earlier only, or at both, but otherwise.
    change: HowChanged,
    /// The fields that differ.
    changes: Vec<Change>,
}

/// What became of something.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HowChanged {
    /// It came, or came into the project.
    Added,
    /// It went.
    Removed,
    /// It is otherwise.
    Changed,
}

impl From<Altered> for PartDiff {
    fn from(altered: Altered) -> Self {
        let Altered { kind, id, name, fate, changes } = altered;
        let change = match fate {
            Fate::Added => HowChanged::Added,
            Fate::Removed => HowChanged::Removed,
            Fate::Changed => HowChanged::Changed,
        };
        Self { kind, id, name, change, changes }
    }
}

/// What differs between two moments of a project: of itself, field by field, and of everything that belongs to it. What was
/// added or removed differs in all of its fields.
#[utoipa::path(get, path = "/v1/projects/{id}/diff", tag = "audit", operation_id = "get_project_diff",
    params(("id" = Uuid, Path, description = "The project's id"), AskProjectDiff),
    responses((status = 200, description = "What differs, a page of it.", body = ProjectDiff)))]
pub async fn get_project_diff(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Query(asked): Query<AskProjectDiff>,
) -> Result<Response, Problem> {
    let from = moment::read("from", &asked.from, caller.partition)?;
    let to = asked.to.map(|to| moment::read("to", &to, caller.partition)).transpose()?;
    let page = page(asked.limit, asked.cursor, None)?;
    let found = app.reads.whole_difference(&caller.reader(), id, (from, to), &page).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    if found.between.0 > found.between.1 {
        return Err(Problem::parameter("from", "out-of-range", "from is not after to."));
    }
    let of_itself = Diff::of(found.of_itself, latest(&app, &caller).await?)?;
    let has_more = found.next_cursor.is_some();
    let data = found.parts.into_iter().map(PartDiff::from).collect();
    let diff = ProjectDiff { of_itself, data, next_cursor: found.next_cursor, has_more };
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&diff).map_err(|_| Problem::internal())?))
}
