//! `POST /v1/projects/batch`

use axum::extract::State;
use axum::response::Response;
use docket_domain::project::{Command, Project as Aggregate};
use docket_domain::{AnySnapshot, Intent};
use uuid::Uuid;

use super::create::CreateProject;
use super::update::UpdateProject;
use super::{Project, with_open_tasks};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::write::WriteLarge;
use crate::problem::Problem;
use crate::routes::batch::{Batch, BatchOp, BatchResults, Batched, batch, carry_out};
use crate::routes::follow::Followers;

/// Projects in batches.
#[derive(Default)]
pub struct Projects;

impl Batched for Projects {
    type New = CreateProject;
    type Set = UpdateProject;
    const ONE: &'static str = "project";
    const DELETE: &'static str = "projects:delete";

    fn create(&self, new: CreateProject, caller: &Caller) -> Result<Intent, Problem> {
        Ok(new.intent(caller))
    }

    fn update(&self, id: Uuid, set: UpdateProject, caller: &Caller) -> Result<Intent, Problem> {
        Ok(Intent::new::<Aggregate>(id, set.command(caller)))
    }

    fn following(_: BatchOp, id: Uuid, set: Option<&UpdateProject>) -> Option<Followers> {
        set?.following(id)
    }

    fn delete(&self, id: Uuid, _: &Caller) -> Option<Intent> {
        Some(Intent::new::<Aggregate>(id, Command::Delete))
    }

    fn restore(&self, id: Uuid, _: &Caller) -> Option<Intent> {
        Some(Intent::new::<Aggregate>(id, Command::Restore))
    }

    fn shown(project: &dyn AnySnapshot, _: Uuid) -> String {
        with_open_tasks(&project.to_json(), None)
    }
}

batch! { Projects, ProjectCommand { project: CreateProject, set: UpdateProject }, ProjectResult { Project } }

/// Do many things to projects at once. `delete` and `restore` take the scope `projects:delete` besides. How many of
/// their tasks are open is null in the answer.
#[utoipa::path(post, path = "/v1/projects/batch", tag = "projects", operation_id = "batch_projects",
    request_body = Batch<ProjectCommand>,
    responses((status = 200, description = "What became of each command; with `atomic`, all succeeded.",
               body = BatchResults<ProjectResult>)))]
pub async fn batch_projects(
    State(app): State<App>,
    caller: Caller,
    WriteLarge { body, idempotency }: WriteLarge<Batch<ProjectCommand>>,
) -> Result<Response, Problem> {
    carry_out(&Projects, &app, &caller, body, idempotency).await
}
