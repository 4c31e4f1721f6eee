//! `POST /v1/members/{id}/deactivate`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::ids::MemberId;
use docket_domain::member::{Role, ownership};

use super::{Member, changed, is_oneself, may_change};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;

/// Let a member go: oneself, or as an admin another who is not above. Their keys stop working; their work stays.
#[utoipa::path(post, path = "/v1/members/{id}/deactivate", tag = "members", operation_id = "deactivate_member",
    params(("id" = Uuid, Path, description = "The member's id")),
    responses((status = 200, description = "The member, who is gone.", body = Member)))]
pub async fn deactivate_member(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    may_change(&caller, id)?;
    // Nobody is above oneself.
    let by = if is_oneself(&caller, id) { Role::Owner } else { caller.role };
    let [member, workspace] = ownership::deactivate(caller.workspace, MemberId(id), by);
    let intents = vec![member.expecting(if_match.versions()), workspace];
    let answer = app.execute(&caller, idempotency, intents, Mode::Atomic).await?;
    changed(&app, &caller, &answer).await
}
