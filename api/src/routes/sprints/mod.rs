//! Sprints.

pub mod activity;
pub mod batch;
pub mod close;
pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod reopen;
pub mod restore;
pub mod start;
pub mod tasks;
pub mod update;

use axum::response::Response;
use docket_commands::{Answer, Mode};
use docket_domain::Intent;
use docket_domain::sprint::{self, Command};
use docket_projections::{List, SPRINTS, View};
use serde::Deserialize;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::listing::Listable;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;

crate::routes::resource! {
    /// A sprint. What its tasks come to is null in the answer to a write if it is not known in time.
    Sprint: docket_domain::sprint::Sprint,
    /// How many tasks it has.
    tasks: Option<i64>,
    /// How many of them are still to do.
    open_tasks: Option<i64>,
    /// How many of them are done.
    done_tasks: Option<i64>,
    /// The points of its tasks.
    points: Option<i64>,
    /// The points of those that are still to do.
    open_points: Option<i64>,
    /// The points of those that are done.
    done_points: Option<i64>
}

impl Listable for Sprint {
    const LIST: &List = &SPRINTS;
}

/// What a sprint's tasks come to, as its JSON says.
#[derive(Default, Deserialize)]
struct Progress {
    tasks: i64,
    open_tasks: i64,
    done_tasks: i64,
    points: i64,
    open_points: i64,
    done_points: i64,
}

impl Progress {
    fn of(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// The same once all that is open has left.
    fn without_open(self) -> Self {
        let (tasks, points) = (self.tasks - self.open_tasks, self.points - self.open_points);
        Self { tasks, points, open_tasks: 0, open_points: 0, ..self }
    }

    fn numbers(&self) -> [i64; 6] {
        [self.tasks, self.open_tasks, self.done_tasks, self.points, self.open_points, self.done_points]
    }
}

/// A sprint's JSON with what its tasks come to in it.
fn with_progress(json: &str, progress: Option<&Progress>) -> String {
    const NAMES: [&str; 6] = ["tasks", "open_tasks", "done_tasks", "points", "open_points", "done_points"];
    let numbers = progress.map_or([const { None }; 6], |progress| progress.numbers().map(Some));
    let number = |number: Option<i64>| number.map_or_else(|| "null".to_owned(), |number| number.to_string());
    let members: Vec<_> = std::iter::zip(NAMES, numbers).map(|(name, n)| format!("\"{name}\":{}", number(n))).collect();
    format!("{},{}}}", json.strip_suffix('}').unwrap_or(json), members.join(","))
}

/// 200 with a sprint that was just written. What its tasks come to is the read model's to say.
async fn changed(app: &App, caller: &Caller, answer: &Answer) -> Result<Response, Problem> {
    let state = &respond::only(answer)?.state;
    let progress = match app.reads.get(&caller.reader(), &SPRINTS, state.id(), &View::default()).await {
        Ok(doc) => doc.and_then(|doc| Progress::of(&doc.json)),
        // The change is committed: it must be acknowledged even if the counts can't be had in time.
        Err(_) => None,
    };
    respond::changed(answer, with_progress(&state.to_json(), progress.as_ref()))
}

/// Carries out a command that takes no body.
async fn act(
    app: &App,
    caller: &Caller,
    id: uuid::Uuid,
    command: Command,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let intent = Intent::new::<sprint::Sprint>(id, command).expecting(if_match.versions());
    let answer = app.execute(caller, idempotency, vec![intent], Mode::Atomic).await?;
    changed(app, caller, &answer).await
}
