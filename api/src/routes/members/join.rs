//! `POST /v1/members/{id}/join`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::member::{self, Command};

use super::{Member, changed, may_change};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action;
use crate::problem::Problem;

/// Accept an invitation: one's own, or as an admin that of another. Who has joined already stays so.
#[utoipa::path(post, path = "/v1/members/{id}/join", tag = "members", operation_id = "join_member",
    params(("id" = Uuid, Path, description = "The member's id")),
    responses((status = 200, description = "The member, who has joined.", body = Member)))]
pub async fn join_member(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Action { idempotency, if_match }: Action,
) -> Result<Response, Problem> {
    may_change(&caller, id)?;
    let intent = Intent::new::<member::Member>(id, Command::Join).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    changed(&app, &caller, &answer).await
}
