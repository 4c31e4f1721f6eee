//! `POST /v1/sprints/batch`

use axum::extract::State;
use axum::response::Response;
use docket_domain::sprint::{Command, Sprint as Aggregate};
use docket_domain::{AnySnapshot, Intent};
use uuid::Uuid;

use super::create::CreateSprint;
use super::update::UpdateSprint;
use super::{Sprint, with_progress};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::write::WriteLarge;
use crate::problem::Problem;
use crate::routes::batch::{Batch, BatchResults, Batched, batch, carry_out};

/// Sprints in batches.
#[derive(Default)]
pub struct Sprints;

impl Batched for Sprints {
    type New = CreateSprint;
    type Set = UpdateSprint;
    const ONE: &'static str = "sprint";
    const DELETE: &'static str = "sprints:delete";

    fn create(&self, new: CreateSprint, _: &Caller) -> Result<Intent, Problem> {
        Ok(new.intent())
    }

    fn update(&self, id: Uuid, set: UpdateSprint, _: &Caller) -> Result<Intent, Problem> {
        Ok(Intent::new::<Aggregate>(id, set.command()))
    }

    fn delete(&self, id: Uuid, _: &Caller) -> Option<Intent> {
        Some(Intent::new::<Aggregate>(id, Command::Delete))
    }

    fn restore(&self, id: Uuid, _: &Caller) -> Option<Intent> {
        Some(Intent::new::<Aggregate>(id, Command::Restore))
    }

    fn shown(sprint: &dyn AnySnapshot, _: Uuid) -> String {
        with_progress(&sprint.to_json(), None)
    }
}

batch! { Sprints, SprintCommand { sprint: CreateSprint, set: UpdateSprint }, SprintResult { Sprint } }

/// Do many things to sprints at once. `delete` and `restore` take the scope `sprints:delete` besides. What their tasks
/// come to is null in the answer.
#[utoipa::path(post, path = "/v1/sprints/batch", tag = "sprints", operation_id = "batch_sprints",
    request_body = Batch<SprintCommand>,
    responses((status = 200, description = "What became of each command; with `atomic`, all succeeded.",
               body = BatchResults<SprintResult>)))]
pub async fn batch_sprints(
    State(app): State<App>,
    caller: Caller,
    WriteLarge { body, idempotency }: WriteLarge<Batch<SprintCommand>>,
) -> Result<Response, Problem> {
    carry_out(&Sprints, &app, &caller, body, idempotency).await
}
