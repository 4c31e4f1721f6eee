//! `DELETE /v1/members/{id}/personal-data`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::ids::MemberId;
use docket_domain::member::ownership;

use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;

/// Erase who a member was: their name and e-mail address, everywhere, for good. They go, if they have not gone already,
/// and can't come back; their work stays, as a former member's.
#[utoipa::path(delete, path = "/v1/members/{id}/personal-data", tag = "members", operation_id = "erase_member",
    params(("id" = Uuid, Path, description = "The member's id")),
    responses((status = 204, description = "Nobody knows any more who they were.")))]
pub async fn erase_member(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let [member, workspace] = ownership::erase(caller.workspace, MemberId(id), caller.role);
    let intents = vec![member.expecting(if_match.versions()), workspace];
    respond::gone(&app.execute(&caller, idempotency, intents, Mode::Atomic).await?)
}
