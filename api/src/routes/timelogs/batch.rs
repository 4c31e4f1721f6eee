//! `POST /v1/timelogs/batch`

use axum::extract::State;
use axum::response::Response;
use docket_domain::Intent;
use docket_domain::timelog::Action;
use uuid::Uuid;

use super::Timelog;
use super::correct::CorrectTimelog;
use super::log::LogTime;
use super::whose::intent;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::write::WriteLarge;
use crate::problem::Problem;
use crate::routes::batch::{Batch, BatchResults, Batched, batch, carry_out};

/// Timelogs in batches.
#[derive(Default)]
pub struct Timelogs;

impl Batched for Timelogs {
    type New = LogTime;
    type Set = CorrectTimelog;
    const ONE: &'static str = "timelog";
    const DELETE: &'static str = "timelogs:delete";

    fn create(&self, new: LogTime, caller: &Caller) -> Result<Intent, Problem> {
        new.intent(caller)
    }

    fn update(&self, id: Uuid, set: CorrectTimelog, caller: &Caller) -> Result<Intent, Problem> {
        Ok(intent(caller, id, set.action()))
    }

    fn delete(&self, id: Uuid, caller: &Caller) -> Option<Intent> {
        Some(intent(caller, id, Action::Void))
    }

    fn restore(&self, id: Uuid, caller: &Caller) -> Option<Intent> {
        Some(intent(caller, id, Action::Restore))
    }
}

batch! { Timelogs, TimelogCommand { timelog: LogTime, set: CorrectTimelog }, TimelogResult { Timelog } }

/// Do many things to timelogs at once. `delete` and `restore` take the scope `timelogs:delete` besides.
#[utoipa::path(post, path = "/v1/timelogs/batch", tag = "timelogs", operation_id = "batch_timelogs",
    request_body = Batch<TimelogCommand>,
    responses((status = 200, description = "What became of each command; with `atomic`, all succeeded.",
               body = BatchResults<TimelogResult>)))]
pub async fn batch_timelogs(
    State(app): State<App>,
    caller: Caller,
    WriteLarge { body, idempotency }: WriteLarge<Batch<TimelogCommand>>,
) -> Result<Response, Problem> {
    carry_out(&Timelogs, &app, &caller, body, idempotency).await
}
