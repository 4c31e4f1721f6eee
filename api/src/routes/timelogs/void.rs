//! `DELETE /v1/timelogs/{id}`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::timelog::Action;

use super::whose::intent;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action as Asked;
use crate::problem::Problem;
use crate::respond;

/// Void a timelog: it counts no more. A running timer is stopped. Others' time takes the role manager.
#[utoipa::path(delete, path = "/v1/timelogs/{id}", tag = "timelogs", operation_id = "void_timelog",
    params(("id" = Uuid, Path, description = "The timelog's id")),
    responses((status = 204, description = "It counts no more.")))]
pub async fn void_timelog(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Asked { idempotency, if_match }: Asked,
) -> Result<Response, Problem> {
    let intent = intent(&caller, id, Action::Void).expecting(if_match.versions());
    respond::gone(&app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?)
}
