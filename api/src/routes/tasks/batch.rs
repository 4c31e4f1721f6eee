//! `POST /v1/tasks/batch`

use axum::extract::State;
use axum::response::Response;
use docket_domain::Intent;
use docket_domain::task::{Command, Task as Aggregate};
use uuid::Uuid;

use super::Task;
use super::create::CreateTask;
use super::update::UpdateTask;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::write::WriteLarge;
use crate::problem::Problem;
use crate::routes::batch::{Batch, BatchResults, Batched, batch, carry_out};

/// Tasks in batches.
#[derive(Default)]
pub struct Tasks;

impl Batched for Tasks {
    type New = CreateTask;
    type Set = UpdateTask;
    const ONE: &'static str = "task";
    const DELETE: &'static str = "tasks:delete";

    fn create(&self, new: CreateTask, caller: &Caller) -> Result<Intent, Problem> {
        new.intent(caller)
    }

    fn update(&self, id: Uuid, set: UpdateTask, caller: &Caller) -> Result<Intent, Problem> {
        set.intent(id, caller)
    }

    fn delete(&self, id: Uuid, _: &Caller) -> Option<Intent> {
        Some(Intent::new::<Aggregate>(id, Command::Delete))
    }

    fn restore(&self, id: Uuid, _: &Caller) -> Option<Intent> {
        Some(Intent::new::<Aggregate>(id, Command::Restore))
    }
}

batch! { Tasks, TaskCommand { task: CreateTask, set: UpdateTask }, TaskResult { Task } }

/// Do many things to tasks at once. `delete` and `restore` take the scope `tasks:delete` besides.
#[utoipa::path(post, path = "/v1/tasks/batch", tag = "tasks", operation_id = "batch_tasks",
    request_body = Batch<TaskCommand>,
    responses((status = 200, description = "What became of each command; with `atomic`, all succeeded.",
               body = BatchResults<TaskResult>)))]
pub async fn batch_tasks(
    State(app): State<App>,
    caller: Caller,
    WriteLarge { body, idempotency }: WriteLarge<Batch<TaskCommand>>,
) -> Result<Response, Problem> {
    carry_out(&Tasks, &app, &caller, body, idempotency).await
}
