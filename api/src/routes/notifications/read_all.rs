//! `POST /v1/notifications/read-all`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use docket_commands::Mode;
use docket_domain::Intent;
use docket_domain::notification::{Command, Notification};

use super::me;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::write::Action;
use crate::problem::Problem;
use crate::respond;

/// So many are marked by one commit.
const AT_ONCE: i64 = 500;

/// Mark all of one's notifications read.
#[utoipa::path(post, path = "/v1/notifications/read-all", tag = "notifications",
    operation_id = "read_all_notifications",
    responses((status = 204, description = "None is unread.")))]
pub async fn read_all_notifications(
    State(app): State<App>,
    caller: Caller,
    Action { mut idempotency, .. }: Action,
) -> Result<Response, Problem> {
    let me = me(&caller)?;
    loop {
        let unread = app.reads.unread(&caller.reader(), me, AT_ONCE).await?;
        let is_last = unread.len() < AT_ONCE as usize;
        let intents = unread.into_iter().map(|id| Intent::new::<Notification>(id.0, Command::Read)).collect();
        // One that was deleted meanwhile is none of the others' business.
        let answer = app.execute(&caller, idempotency.take(), intents, Mode::PerItem).await?;
        if is_last || answer.replayed {
            return Ok(respond::stamp(&answer, StatusCode::NO_CONTENT.into_response()));
        }
    }
}
