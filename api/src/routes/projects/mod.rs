//! Projects.

pub mod activity;
pub mod batch;
pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod restore;
pub mod update;

use axum::response::Response;
use docket_commands::Answer;
use docket_domain::ids::MemberId;
use docket_projections::{List, PROJECTS, View};

use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listable;
use crate::edge::scalars::{Id, Ids};
use crate::problem::Problem;
use crate::respond;

crate::routes::resource! {
    /// A project.
    Project: docket_domain::project::Project,
    /// How many of its tasks are still to do; null in the answer to a write if it is not known in time.
    open_tasks: Option<i64>
}

fn members(ids: Ids<500>) -> Vec<MemberId> {
    ids.0.into_iter().map(|Id(id)| MemberId(id)).collect()
}

/// 200 with a project that was just written. Its task count is the read model's to say.
pub async fn changed(app: &App, caller: &Caller, answer: &Answer) -> Result<Response, Problem> {
    let state = &respond::only(answer)?.state;
    let open = match app.reads.get(&caller.reader(), &PROJECTS, state.id(), &View::default()).await {
        Ok(doc) => doc.and_then(|doc| open_tasks(&doc.json)),
        // The change is committed: it must be acknowledged even if the count can't be had in time.
        Err(_) => None,
    };
    respond::changed(answer, with_open_tasks(&state.to_json(), open))
}

/// The count in a project's JSON.
pub fn open_tasks(json: &str) -> Option<i64> {
    #[derive(serde::Deserialize)]
    struct Counted {
        open_tasks: i64,
    }
    serde_json::from_str::<Counted>(json).ok().map(|project| project.open_tasks)
}

/// A project's JSON with the count in it.
pub fn with_open_tasks(json: &str, open: Option<i64>) -> String {
    let open = open.map_or_else(|| "null".to_owned(), |open| open.to_string());
    format!("{},\"open_tasks\":{open}}}", json.strip_suffix('}').unwrap_or(json))
}

impl Listable for Project {
    const LIST: &List = &PROJECTS;
}
