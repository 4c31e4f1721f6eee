//! `POST /v1/members/{id}/reactivate`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::member::{self, Command};

use super::{Member, changed};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;

/// Let a member come back as what they were; an owner comes back as an admin.
#[utoipa::path(post, path = "/v1/members/{id}/reactivate", tag = "members", operation_id = "reactivate_member",
    params(("id" = Uuid, Path, description = "The member's id")),
    responses((status = 200, description = "The member, here again.", body = Member)))]
pub async fn reactivate_member(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    let command = Command::Reactivate { by: caller.role };
    let intent = Intent::new::<member::Member>(id, command).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    changed(&app, &caller, &answer).await
}
