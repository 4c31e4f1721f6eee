//! `GET /v1/webhooks/{id}/deliveries`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use docket_domain::snapshot::micros;
use docket_projections::Attempted;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::find;
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;

/// Unless said otherwise, and at most.
const LIMIT: (i64, i64) = (50, 200);

/// How many.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskDeliveries {
    /// At most so many, 1 to 200; 50 unless said otherwise.
    limit: Option<u16>,
}

/// One attempt to send a message.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is documented; what is written is the read side's")]
pub struct Delivery {
    /// The message's id.
    message_id: String,
    /// What happened.
    event_type: String,
    /// Which attempt it was: 1, 2, 3 …
    attempt: i32,
    /// When.
    at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    took_ms: i32,
    /// The status that was answered, if any.
    status: Option<i16>,
    /// Why it counts as failed; null: it was taken.
    error: Option<String>,
}

/// How far a webhook is, and what came of the last attempts.
#[derive(Serialize, ToSchema)]
pub struct Deliveries {
    /// The last attempts, the newest first.
    #[schema(value_type = Vec<Delivery>)]
    data: Vec<Attempted>,
    /// Everything up to here was sent, or is not wanted. Null, as long as nobody has looked.
    position: Option<String>,
    /// Since when the next message is tried in vain.
    #[serde(with = "micros::maybe")]
    failing_since: Option<DateTime<Utc>>,
    /// When it is tried again.
    #[serde(with = "micros::maybe")]
    next_attempt_at: Option<DateTime<Utc>>,
}

/// What a webhook was sent.
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries", tag = "webhooks", operation_id = "list_webhook_deliveries",
    params(("id" = Uuid, Path, description = "Its id"), AskDeliveries),
    responses((status = 200, description = "The last attempts.", body = Deliveries)))]
pub async fn list_webhook_deliveries(
    State(app): State<App>,
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Query(asked): Query<AskDeliveries>,
) -> Result<Response, Problem> {
    let limit = asked.limit.map_or(LIMIT.0, i64::from);
    if !(1..=LIMIT.1).contains(&limit) {
        return Err(Problem::parameter("limit", "out-of-range", format!("must be 1 to {}", LIMIT.1)));
    }
    find(&app, &caller, id).await?;
    let partition = app.reads.partition_of(caller.workspace);
    let shown = match app.reads.attempts(&caller.reader(), id, limit).await? {
        Some(found) => Deliveries {
            data: found.attempts,
            position: Some(format!("{partition}-{}", found.position)),
            failing_since: found.failing_since,
            next_attempt_at: found.next_at,
        },
        None => Deliveries { data: Vec::new(), position: None, failing_since: None, next_attempt_at: None },
    };
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&shown).map_err(|_| Problem::internal())?))
}
