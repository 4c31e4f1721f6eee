//! `POST /v1/tasks/batch`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use docket_commands::{Error, Mode, Outcome};
use docket_domain::Intent;
use docket_domain::task::{self, Command};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Task;
use super::create::CreateTask;
use super::update::UpdateTask;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::scalars::Id;
use crate::edge::write::WriteLarge;
use crate::problem::{At, Problem};
use crate::respond;

/// Many commands in one request; together they are one commit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Whether all stand or fall together (the default), or each for itself.
    #[serde(default)]
    mode: BatchMode,
    /// The commands: 1 to 500. Later ones see what earlier ones did.
    #[schema(min_items = 1, max_items = 500)]
    commands: Vec<BatchCommand>,
}

/// Whether the commands stand or fall together.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchMode {
    /// All or none.
    #[default]
    Atomic,
    /// Each for itself.
    PerItem,
}

/// One command. `create` takes `task`; `update` takes `id` and `set`; `delete` and `restore` take `id`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchCommand {
    /// What to do.
    op: BatchOp,
    /// The new task, as the body of `create_task`.
    #[serde(default)]
    task: Option<CreateTask>,
    /// The task it is about.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<Id>,
    /// The version that task must still be at, like `If-Match`.
    #[serde(default)]
    if_version: Option<i64>,
    /// What to change, as the body of `update_task`.
    #[serde(default)]
    set: Option<UpdateTask>,
}

/// What a command does.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchOp {
    /// Create a task.
    Create,
    /// Change one.
    Update,
    /// Take one away.
    Delete,
    /// Bring one back.
    Restore,
}

impl BatchOp {
    /// The member of the command that the rules' own pointers are about.
    fn body(self) -> &'static str {
        match self {
            Self::Create => "/task",
            Self::Update => "/set",
            Self::Delete | Self::Restore => "",
        }
    }
}

/// What became of the commands, in order.
#[derive(Serialize, ToSchema)]
pub struct BatchResults {
    /// One per command.
    #[schema(value_type = Vec<BatchResult>)]
    results: Vec<ResultOfOne>,
}

/// What became of one command.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents ResultOfOne, which carries JSON text")]
pub struct BatchResult {
    /// The status it would have had on its own.
    status: u16,
    /// The task after it, if it succeeded.
    task: Option<Task>,
    /// Why not, if it didn't.
    problem: Option<serde_json::Value>,
}

#[derive(Serialize)]
struct ResultOfOne {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Box<RawValue>>,
}

/// What taking away and bringing back takes, here as anywhere.
const DELETE: &str = "tasks:delete";
/// How many commands a batch may have.
const MOST: usize = 500;

/// Do many things to tasks at once. `delete` and `restore` take the scope `tasks:delete` besides.
#[utoipa::path(post, path = "/v1/tasks/batch", tag = "tasks", operation_id = "batch_tasks", request_body = Batch,
    responses((status = 200, description = "What became of each command; with `atomic`, all succeeded.", body = BatchResults)))]
pub async fn batch_tasks(
    State(app): State<App>,
    caller: Caller,
    WriteLarge { body, idempotency }: WriteLarge<Batch>,
) -> Result<Response, Problem> {
    if !(1..=MOST).contains(&body.commands.len()) {
        return Err(Problem::field("/commands", "out-of-range", format!("A batch has 1 to {MOST} commands.")));
    }
    let mut intents = Vec::with_capacity(body.commands.len());
    let mut ops = Vec::with_capacity(body.commands.len());
    for (index, command) in body.commands.into_iter().enumerate() {
        ops.push(command.op);
        intents.push(command.intent(&caller).map_err(|problem| within(problem, &format!("/commands/{index}")))?);
    }
    let mode = match body.mode {
        BatchMode::Atomic => Mode::Atomic,
        BatchMode::PerItem => Mode::PerItem,
    };
    let request_id = caller.request_id.clone();
    let answer = app.try_execute(&caller, idempotency, intents, mode).await?.map_err(|error| match error {
        Error::Item { index, error } => within(error.into(), &format!("/commands/{index}{}", ops[index].body())),
        other => other.into(),
    })?;
    let results = ops
        .iter()
        .zip(&answer.items)
        .map(|(op, item)| match item {
            Ok(outcome) => succeeded(*op, outcome),
            Err(error) => failed(&error.clone().into(), &request_id),
        })
        .collect();
    let text = serde_json::to_string(&BatchResults { results }).map_err(|_| Problem::internal())?;
    Ok(respond::stamp(&answer, respond::json(StatusCode::OK, text)))
}

impl BatchCommand {
    fn intent(self, caller: &Caller) -> Result<Intent, Problem> {
        let Self { op, task, id, if_version, set } = self;
        let takes = |present: bool, wanted: bool, pointer: &'static str| match (present, wanted) {
            (true, false) => Err(Problem::field(pointer, "not-taken", "This op does not take it.")),
            (false, true) => Err(Problem::field(pointer, "required", "This op needs it.")),
            _ => Ok(()),
        };
        if matches!(op, BatchOp::Delete | BatchOp::Restore) && !caller.has(DELETE) {
            return Err(Problem::forbidden("missing-scope", format!("The key lacks the scope {DELETE}.")));
        }
        let is_create = matches!(op, BatchOp::Create);
        takes(task.is_some(), is_create, "/task")?;
        takes(set.is_some(), matches!(op, BatchOp::Update), "/set")?;
        takes(id.is_some(), !is_create, "/id")?;
        takes(if_version.is_some(), if_version.is_some() && !is_create, "/if_version")?;
        if let Some(task) = task {
            return task.intent(caller).map_err(|problem| within(problem, op.body()));
        }
        let command = match (op, set) {
            (BatchOp::Update, Some(set)) => set.command().map_err(|problem| within(problem, op.body()))?,
            (BatchOp::Delete, _) => Command::Delete,
            _ => Command::Restore,
        };
        let id = id.map(|id| id.0).unwrap_or_default();
        Ok(Intent::new::<task::Task>(id, command).expecting(if_version.map(|version| vec![version])))
    }
}

/// The problem with its pointers moved below `prefix`, or pointing there if it had none.
fn within(mut problem: Problem, prefix: &str) -> Problem {
    for error in &mut problem.errors {
        if let At::Pointer(pointer) = &mut error.at {
            *pointer = format!("{prefix}{pointer}").into();
        }
    }
    if problem.errors.is_empty() {
        let (code, detail) = (problem.code.clone(), problem.detail.clone());
        problem.errors.push(crate::problem::FieldError::new(prefix.to_owned(), code, detail));
    }
    problem
}

fn succeeded(op: BatchOp, outcome: &Outcome) -> ResultOfOne {
    let status = match op {
        BatchOp::Create => 201,
        BatchOp::Delete => 204,
        BatchOp::Update | BatchOp::Restore => 200,
    };
    let task = (status != 204).then(|| RawValue::from_string(outcome.state.to_json()).ok()).flatten();
    ResultOfOne { status, task, problem: None }
}

fn failed(problem: &Problem, request_id: &str) -> ResultOfOne {
    let body = String::from_utf8(problem.body(request_id)).ok().and_then(|text| RawValue::from_string(text).ok());
    ResultOfOne { status: problem.status.as_u16(), task: None, problem: body }
}
