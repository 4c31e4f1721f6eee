//! `POST /v1/sprints/{id}/close`

use axum::extract::State;
use axum::response::Response;
use docket_commands::{Answer, Error, Mode};
use docket_domain::Intent;
use docket_domain::ids::{SprintId, TaskId, WorkspaceId};
use docket_domain::sprint::{self, Command};
use docket_domain::task::{self, Task};
use docket_projections::{Closing, ReadAs, SPRINTS, View};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Progress, Sprint, changed, with_progress};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Write;
use crate::problem::Problem;
use crate::respond;

/// What becomes of the tasks that are still open.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseSprint {
    /// Whether they stay in the sprint, leave it for none, or move to another.
    open_tasks: OpenTasks,
    /// Which one they move to: a sprint of the same project that is not closed.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    move_to: Option<Id>,
}

/// What becomes of open tasks.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpenTasks {
    /// They stay.
    Keep,
    /// They are in no sprint any more.
    Remove,
    /// They go to the sprint `move_to`.
    Move,
}

/// How many tasks can move in one commit.
const MOST: i64 = 5_000;

/// Close a sprint. What becomes of its open tasks is part of the same commit.
#[utoipa::path(post, path = "/v1/sprints/{id}/close", tag = "sprints", operation_id = "close_sprint",
    params(("id" = Uuid, Path, description = "The sprint's id")), request_body = CloseSprint,
    responses((status = 200, description = "The sprint as it is now.", body = Sprint)))]
pub async fn close_sprint(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Write { body, idempotency, if_match }: Write<CloseSprint>,
) -> Result<Response, Problem> {
    let (from, to, reader) = (SprintId(id), body.destination(id)?, caller.reader());
    if let Some(Some(to)) = to
        && app.reads.get(&reader, &SPRINTS, to.0, &View::default()).await?.is_none()
    {
        return Err(Problem::field("/move_to", "unknown-reference", "This id names nothing in this workspace."));
    }
    let close = Intent::new::<sprint::Sprint>(id, Command::Close).expecting(if_match.versions());
    let Some(to) = to else {
        let answer = app.execute(&caller, idempotency, vec![close], Mode::Atomic).await?;
        return changed(&app, &caller, &answer).await;
    };
    let seen = look(&app, &reader, from).await?;
    let intents = std::iter::once(close).chain(leaving(&seen.open, from, to)).collect();
    let closed = app.try_execute(&caller, idempotency, intents, Mode::Atomic).await?;
    let mut answer = closed.map_err(|error| blamed(error, 1))?;
    if let Some(progress) = undisturbed(&app, &answer, &seen, reader.workspace).await {
        let state = &respond::only(&answer)?.state;
        return respond::changed(&answer, with_progress(&state.to_json(), Some(&progress)));
    }
    sweep(&app, &caller, &mut answer, from, to).await?;
    changed(&app, &caller, &answer).await
}

impl CloseSprint {
    /// Where the open tasks go, if they do not stay.
    fn destination(&self, from: uuid::Uuid) -> Result<Option<Option<SprintId>>, Problem> {
        match (self.open_tasks, self.move_to) {
            (OpenTasks::Move, None) => Err(Problem::field("/move_to", "required", "Moving needs to know where to.")),
            (OpenTasks::Move, Some(Id(to))) if to == from => {
                Err(Problem::field("/move_to", "invalid-value", "Tasks can't move to the sprint they are in."))
            }
            (OpenTasks::Move, Some(Id(to))) => Ok(Some(Some(SprintId(to)))),
            (_, Some(_)) => Err(Problem::field("/move_to", "not-taken", "Only `move` takes it.")),
            (OpenTasks::Remove, None) => Ok(Some(None)),
            (OpenTasks::Keep, None) => Ok(None),
        }
    }
}

async fn look(app: &App, reader: &ReadAs, sprint: SprintId) -> Result<Closing, Problem> {
    let seen = app.reads.closing(reader, sprint, MOST + 1).await?;
    if seen.open.len() > MOST as usize {
        let detail = format!("At most {MOST} open tasks can leave a sprint at once: move some of them first.");
        return Err(Problem::conflict("too-many-tasks", detail));
    }
    Ok(seen)
}

fn leaving(tasks: &[TaskId], from: SprintId, to: Option<SprintId>) -> impl Iterator<Item = Intent> {
    tasks.iter().map(move |id| Intent::new::<Task>(id.0, task::Command::LeaveSprint { from, to }))
}

/// What the sprint's tasks come to now, if nothing happened in the workspace between looking and closing: then what was
/// seen was all there was, and no read model has to be waited for.
async fn undisturbed(app: &App, answer: &Answer, seen: &Closing, workspace: WorkspaceId) -> Option<Progress> {
    let closed = &respond::only(answer).ok()?.state;
    let next = app.reads.next(workspace, seen.as_of).await.ok()??;
    let is_this = next.stream == closed.id() && next.version == closed.version();
    seen.sprint.as_deref().filter(|_| is_this).and_then(Progress::of).map(Progress::without_open)
}

/// Tasks may have been added between looking and closing. A closed sprint takes no more, so these are the last.
async fn sweep(
    app: &App,
    caller: &Caller,
    answer: &mut Answer,
    from: SprintId,
    to: Option<SprintId>,
) -> Result<(), Problem> {
    let reader = ReadAs { min_position: answer.position, ..caller.reader() };
    let late = look(app, &reader, from).await?.open;
    if late.is_empty() {
        return Ok(());
    }
    let intents = leaving(&late, from, to).collect();
    let swept = app.try_execute(caller, None, intents, Mode::Atomic).await?.map_err(|error| blamed(error, 0))?;
    answer.position = swept.position.or(answer.position);
    Ok(())
}

/// A refusal to take in one of the tasks (from this item on) is about where they were to go.
fn blamed(error: Error, first_task: usize) -> Problem {
    let about_task = matches!(&error, Error::Item { index, .. } if *index >= first_task);
    let problem = Problem::from(error);
    if about_task { problem.pointing(|_| "/move_to".to_owned()) } else { problem }
}
