//! `POST /v1/timelogs/{id}/restore`

use axum::extract::State;
use axum::response::Response;
use docket_commands::Mode;
use docket_domain::timelog::Action;

use super::Timelog;
use super::whose::intent;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::scalars::Id;
use crate::edge::write::Action as Asked;
use crate::problem::Problem;
use crate::respond;

/// Let a voided timelog count again.
#[utoipa::path(post, path = "/v1/timelogs/{id}/restore", tag = "timelogs", operation_id = "restore_timelog",
    params(("id" = Uuid, Path, description = "The timelog's id")),
    responses((status = 200, description = "The timelog, there again.", body = Timelog)))]
pub async fn restore_timelog(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Asked { idempotency, if_match }: Asked,
) -> Result<Response, Problem> {
    let intent = intent(&caller, id, Action::Restore).expecting(if_match.versions());
    let answer = app.execute(&caller, idempotency, vec![intent], Mode::Atomic).await?;
    let body = respond::only(&answer)?.state.to_json();
    respond::changed(&answer, body)
}
