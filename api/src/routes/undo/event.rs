//! `POST /v1/events/{position}/undo`

use axum::extract::State;
use axum::response::Response;
use docket_domain::Cause;

use super::{Chosen, POWER, Undone};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::position;
use crate::edge::write::Action;
use crate::problem::Problem;

/// Undo an event: other events compensate it, or, if something that happened since stands in the way, nothing happens and
/// 409 says what. What was done to members, keys and the workspace in one command is undone together.
#[utoipa::path(post, path = "/v1/events/{position}/undo", tag = "audit", operation_id = "undo_event",
    params(("position" = String, Path, description = "The event's position, as a number or a `Docket-Position`")),
    responses((status = 200, description = "It is undone.", body = Undone),
              (status = 404, description = "This workspace has no event at that position.")))]
pub async fn undo_event(
    State(app): State<App>,
    caller: Caller,
    Path(sent): Path<String>,
    Action { idempotency, .. }: Action,
) -> Result<Response, Problem> {
    let position = position::parse(&sent, caller.partition).filter(|position| *position > 0);
    let position = position.ok_or_else(Problem::not_found)?;
    let command = app.reads.whole_command(&caller.reader(), position).await?;
    let event = command.iter().find(|event| event.position == position).ok_or_else(Problem::not_found)?;
    let has_power = |kind: &str| POWER.contains(&kind);
    let mut chosen = Chosen::default();
    for one in command.iter().filter(|one| one.position == position || has_power(&event.kind) && has_power(&one.kind)) {
        chosen.add((&one.kind, one.stream), one.version, Cause { command: one.command, position: one.position });
    }
    chosen.undo(&app, &caller, idempotency).await
}
