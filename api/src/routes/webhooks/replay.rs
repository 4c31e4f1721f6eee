//! `POST /v1/webhooks/{id}/replay`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::find;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::position;
use crate::edge::scalars::{Id, Line};
use crate::edge::write::Write;
use crate::problem::Problem;

/// Where to begin again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayWebhook {
    /// After this position: the id of a message, or `0` for the workspace's first event. It may also lie ahead of where
    /// the webhook is: what is between is not sent.
    #[schema(value_type = String, min_length = 1, max_length = 40, example = "0")]
    after: Line<1, 40>,
}

/// Has a webhook begin again after a position, at once. Messages keep their ids.
#[utoipa::path(post, path = "/v1/webhooks/{id}/replay", tag = "webhooks", operation_id = "replay_webhook",
    params(("id" = Uuid, Path, description = "Its id")),
    request_body = ReplayWebhook,
    responses((status = 204, description = "It begins there.")))]
pub async fn replay_webhook(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Write { body, .. }: Write<ReplayWebhook>,
) -> Result<Response, Problem> {
    find(&app, &caller, id).await?;
    let after = position::parse(body.after.as_str(), app.reads.partition_of(caller.workspace));
    let detail = "Send the id of a message of this workspace, or 0.";
    let after = after.ok_or_else(|| Problem::field("/after", "invalid-value", detail))?;
    if after > app.reads.head(caller.workspace).await? {
        return Err(Problem::field("/after", "out-of-range", "This lies ahead of everything that has happened."));
    }
    App::tried(&caller)?;
    let known = app.deliveries.replay(caller.workspace, id, after).await?;
    if known { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(Problem::unavailable(1)) }
}
