//! `POST /v1/members/batch`

use axum::extract::State;
use axum::response::Response;
use docket_domain::member::{self, Command, Role};
use docket_domain::{AnySnapshot, Intent};
use uuid::Uuid;

use super::invite::InviteMember;
use super::update::UpdateMember;
use super::{Member, alone, may_change};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::write::WriteLarge;
use crate::problem::Problem;
use crate::routes::batch::{Batch, BatchOp, BatchResults, Batched, batch, carry_out};

/// Members in batches.
pub struct Members;

impl Batched for Members {
    type New = InviteMember;
    type Set = UpdateMember;
    const ONE: &'static str = "member";
    const DELETE: &'static str = "members:write";

    fn create(&self, new: InviteMember, caller: &Caller) -> Result<Intent, Problem> {
        new.intent(caller)
    }

    fn update(&self, id: Uuid, set: UpdateMember, caller: &Caller) -> Result<Intent, Problem> {
        may_change(caller, id)?;
        if set.changes_role() {
            return Err(Problem::field("/role", "not-taken", "Roles are changed one member at a time."));
        }
        Ok(set.intent(id))
    }

    fn act(&self, op: BatchOp, id: Uuid, caller: &Caller) -> Result<Option<Intent>, Problem> {
        may_change(caller, id)?;
        let command = match op {
            BatchOp::Join => Command::Join,
            // Who owns the workspace is for the workspace to say, too: owners go one at a time.
            BatchOp::Deactivate => Command::Deactivate { by: caller.role.min(Role::Admin) },
            BatchOp::Reactivate => Command::Reactivate { by: caller.role },
            _ => return Ok(None),
        };
        Ok(Some(Intent::new::<member::Member>(id, command)))
    }

    fn shown(member: &dyn AnySnapshot, _: Uuid) -> String {
        alone(member)
    }
}

batch! { Members, MemberCommand { member: InviteMember, set: UpdateMember }, MemberResult { Member } }

/// Invite many people at once, change their names and positions, say that they have joined (`join`), let them go
/// (`deactivate`; no owners) and come back (`reactivate`). There is no `delete` and no `restore`.
#[utoipa::path(post, path = "/v1/members/batch", tag = "members", operation_id = "batch_members",
    request_body = Batch<MemberCommand>,
    responses((status = 200, description = "What became of each command; with `atomic`, all succeeded.",
               body = BatchResults<MemberResult>)))]
pub async fn batch_members(
    State(app): State<App>,
    caller: Caller,
    WriteLarge { body, idempotency }: WriteLarge<Batch<MemberCommand>>,
) -> Result<Response, Problem> {
    carry_out(&Members, &app, &caller, body, idempotency).await
}
