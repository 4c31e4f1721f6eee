//! `POST /v1/projects/{id}/phases/batch`

use axum::extract::State;
use axum::response::Response;
use docket_domain::ids::PhaseId;
use docket_domain::project::{Command, Phase, Project};
use docket_domain::{AnySnapshot, Intent, Snapshot};
use docket_projections::Following;
use uuid::Uuid;

use super::add::AddPhase;
use super::json;
use super::update::UpdatePhase;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::WriteLarge;
use crate::problem::Problem;
use crate::routes::batch::{Batch, BatchOp, BatchResults, Batched, batch, carry_out};
use crate::routes::follow::Followers;

/// A project's phases in batches.
pub struct Phases {
    project: Uuid,
}

impl Phases {
    fn intent(&self, command: Command) -> Intent {
        Intent::new::<Project>(self.project, command)
    }
}

impl Batched for Phases {
    type New = AddPhase;
    type Set = UpdatePhase;
    const ONE: &'static str = "phase";
    const DELETE: &'static str = "projects:write";

    fn create(&self, new: AddPhase, caller: &Caller) -> Result<Intent, Problem> {
        self.create_part(Uuid::new_v4(), new, caller)
    }

    fn create_part(&self, id: Uuid, new: AddPhase, _: &Caller) -> Result<Intent, Problem> {
        Ok(self.intent(new.command(id)))
    }

    fn update(&self, id: Uuid, set: UpdatePhase, _: &Caller) -> Result<Intent, Problem> {
        Ok(self.intent(set.command(id)))
    }

    fn delete(&self, id: Uuid, _: &Caller) -> Option<Intent> {
        Some(self.intent(Command::RemovePhase(PhaseId(id))))
    }

    fn restore(&self, id: Uuid, _: &Caller) -> Option<Intent> {
        Some(self.intent(Command::RestorePhase(PhaseId(id))))
    }

    fn following(op: BatchOp, id: Uuid, _: Option<&UpdatePhase>) -> Option<Followers> {
        (op == BatchOp::Delete).then_some(Followers::Tasks(Following::Phase(PhaseId(id))))
    }

    /// As it is after the whole batch: null if a later command has taken it away.
    fn shown(project: &dyn AnySnapshot, id: Uuid) -> String {
        let project = project.as_any().downcast_ref::<Snapshot<Project>>();
        let phase = project.and_then(|project| project.state.phase(PhaseId(id)));
        json(&phase).unwrap_or_default()
    }
}

batch! { Phases, PhaseCommand { phase: AddPhase, set: UpdatePhase }, PhaseResult { Phase } }

/// Do many things to a project's phases at once. `if_version` is the project's.
#[utoipa::path(post, path = "/v1/projects/{id}/phases/batch", tag = "projects", operation_id = "batch_phases",
    params(("id" = Uuid, Path, description = "The project's id")), request_body = Batch<PhaseCommand>,
    responses((status = 200, description = "What became of each command; with `atomic`, all succeeded.",
               body = BatchResults<PhaseResult>)))]
pub async fn batch_phases(
    State(app): State<App>,
    caller: Caller,
    Path(Id(project)): Path<Id>,
    WriteLarge { body, idempotency }: WriteLarge<Batch<PhaseCommand>>,
) -> Result<Response, Problem> {
    carry_out(&Phases { project }, &app, &caller, body, idempotency).await
}
