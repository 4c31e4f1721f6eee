//! `GET /v1/tasks`

use axum::extract::State;
use axum::response::Response;
use docket_domain::ids::{LabelId, MemberId, ProjectId};
use docket_domain::task::Status;
use docket_projections::TaskQuery;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Task;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;
use crate::routes::paging::{listed, page, sort};

/// Which tasks.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListTasks {
    /// Only this project's.
    #[param(value_type = Option<Uuid>)]
    project_id: Option<Id>,
    /// Only those in one of these statuses, joined by commas.
    #[param(example = "todo,in_progress")]
    status: Option<String>,
    /// Only this member's.
    #[param(value_type = Option<Uuid>)]
    assignee_id: Option<Id>,
    /// Only those with this label.
    #[param(value_type = Option<Uuid>)]
    label_id: Option<Id>,
    /// Only those with all of these words in title or description.
    #[param(max_length = 500)]
    q: Option<String>,
    /// Order: `number`, `created_at`, `updated_at`, `due_date` or `priority`; a leading `-` turns it round.
    #[param(example = "-number")]
    sort: Option<String>,
    /// How many at most: 1 to 200, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    /// How many to skip, instead of a cursor.
    offset: Option<u32>,
}

/// How long a search may be, in characters.
const LONGEST_SEARCH: usize = 500;

/// Lists tasks, newest first unless sorted otherwise.
#[utoipa::path(get, path = "/v1/tasks", tag = "tasks", operation_id = "list_tasks", params(ListTasks),
    responses((status = 200, description = "A page of tasks.", body = inline(crate::routes::paging::Listed<Task>))))]
pub async fn list_tasks(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<ListTasks>,
) -> Result<Response, Problem> {
    let query = TaskQuery {
        project_id: asked.project_id.map(|id| ProjectId(id.0)),
        status: statuses(asked.status.as_deref())?,
        assignee_id: asked.assignee_id.map(|id| MemberId(id.0)),
        label_id: asked.label_id.map(|id| LabelId(id.0)),
        q: words(asked.q)?,
        sort: sort(asked.sort.as_deref())?,
        page: page(asked.limit, asked.cursor, asked.offset)?,
    };
    Ok(respond::page(&app.reads.tasks(&caller.reader(), &query).await?))
}

/// What to search for, unless it is longer than anybody would write.
fn words(q: Option<String>) -> Result<Option<String>, Problem> {
    if q.as_ref().is_some_and(|q| q.chars().count() > LONGEST_SEARCH) {
        let detail = format!("q has at most {LONGEST_SEARCH} characters.");
        return Err(Problem::parameter("q", "too-long", detail));
    }
    Ok(q)
}

fn statuses(asked: Option<&str>) -> Result<Vec<Status>, Problem> {
    let words: Vec<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
    listed("status", asked, &words)?.into_iter().map(|word| Status::parse(word).ok_or_else(Problem::internal)).collect()
}
