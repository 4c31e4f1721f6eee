//! `GET /v1/{resource}/{id}/explain`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use docket_projections::Explained;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Event, EventOfResource, Resource};
use crate::app::App;
use crate::auth::Caller;
use crate::edge::path::Path;
use crate::edge::query::Query;
use crate::edge::scalars::Id;
use crate::problem::Problem;
use crate::respond;
use crate::routes::audit::{Checkpoint, latest};

/// Which field.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskExplanation {
    /// The field: a member of the resource.
    #[param(example = "status")]
    field: String,
}

/// Why a field has its value.
#[derive(Serialize, ToSchema)]
pub struct Explanation {
    /// The field.
    field: String,
    /// Its value now.
    value: serde_json::Value,
    /// The event that gave it this value.
    #[schema(value_type = EventOfResource)]
    event: Box<RawValue>,
    /// The conversation that the event's request belongs to.
    correlation_id: String,
    /// What led to it, command by command: first the event's own, then the one because of which that was sent, and so on;
    /// the last was only asked for, by its request.
    chain: Vec<CausingCommand>,
    /// Whether it goes on before that: of a chain, the last 20 commands are told.
    has_more: bool,
    /// The latest signed checkpoint; null if nothing is signed.
    checkpoint: Option<Checkpoint>,
}

/// A command that led to something.
#[derive(Serialize, ToSchema)]
pub struct CausingCommand {
    /// The command.
    command_id: Uuid,
    /// What it did: its events in order, the first 200 of them.
    #[schema(value_type = Vec<Event>)]
    events: Vec<Box<RawValue>>,
    /// Whether it did more than that: `GET /v1/audit?command_id=` has all of it.
    has_more: bool,
}

/// Why a field has its value: the event behind it, who did that and with what, and what else was done in one go with it.
#[utoipa::path(get, path = "/v1/{resource}/{id}/explain", tag = "audit", operation_id = "explain_field",
    params(("resource" = inline(Resource), Path, description = "What kind of resource"),
           ("id" = Uuid, Path, description = "Its id"), AskExplanation),
    responses((status = 200, description = "What stands behind the value.", body = Explanation)))]
pub async fn explain_field(
    State(app): State<App>,
    caller: Caller,
    Path((resource, Id(id))): Path<(Resource, Id)>,
    Query(AskExplanation { field }): Query<AskExplanation>,
) -> Result<Response, Problem> {
    let found = match app.reads.explain(&caller.reader(), resource.kind(), id, &field).await? {
        Explained::By(found) => *found,
        Explained::Absent => return Err(Problem::not_found()),
        Explained::NoField(known) => {
            let detail = format!("field is one of {}.", known.join(", "));
            return Err(Problem::parameter("field", "unknown-value", detail));
        }
    };
    let raw = |text: &str| RawValue::from_string(text.to_owned()).map_err(|_| Problem::internal());
    let step = |step: &docket_projections::Link| {
        let events = step.events.iter().map(raw).collect::<Result<_, _>>()?;
        Ok(CausingCommand { command_id: step.command, events, has_more: step.has_more })
    };
    let explanation = Explanation {
        field,
        value: found.value,
        event: raw(&found.event)?,
        correlation_id: found.correlation_id,
        chain: found.chain.iter().map(step).collect::<Result<_, Problem>>()?,
        has_more: found.has_more,
        checkpoint: latest(&app, &caller).await?,
    };
    Ok(respond::json(StatusCode::OK, serde_json::to_string(&explanation).map_err(|_| Problem::internal())?))
}
