//! `dry_run=true`: a command is decided and judged, its events are shown, and nothing is stored.

use std::sync::{Arc, Mutex};

use axum::http::{StatusCode, Uri};
use axum::response::Response;
use docket_commands::Proposed;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::query::pairs;
use crate::problem::Problem;
use crate::respond;

/// The parameter.
pub const DRY_RUN: &str = "dry_run";

/// What a command would have come to, once that is known.
#[derive(Clone, Debug, Default)]
pub struct Rehearsal(Arc<Mutex<Option<Vec<Proposed>>>>);

/// An event that would be written.
#[derive(Serialize, ToSchema)]
pub struct ProposedEvent {
    /// What kind of thing it would happen to.
    kind: &'static str,
    /// What it would happen to.
    resource_id: Uuid,
    /// The resource's version after it.
    version: i64,
    /// What would happen.
    #[serde(rename = "type")]
    what: String,
    /// What would change.
    #[schema(value_type = serde_json::Value)]
    data: Box<RawValue>,
}

/// What a command would come to.
#[derive(Serialize, ToSchema)]
pub struct DryRun {
    /// Always true.
    dry_run: bool,
    /// The events, in order.
    events: Vec<ProposedEvent>,
}

impl Rehearsal {
    /// One, if a request asks for it. A query that can't be read is for others to refuse.
    pub fn asked(uri: &Uri) -> Result<Option<Self>, Problem> {
        let sent = pairs(uri.query().unwrap_or_default()).unwrap_or_default();
        match sent.iter().find(|(name, _)| name == DRY_RUN).map(|(_, value)| value.as_ref()) {
            None | Some("false") => Ok(None),
            Some("true") => Ok(Some(Self::default())),
            Some(_) => Err(Problem::parameter(DRY_RUN, "invalid-parameter", "must be true or false")),
        }
    }

    /// Notes what a command would have come to. The problem ends the request: there is nothing more to do.
    pub fn end(&self, events: Vec<Proposed>) -> Problem {
        if let Ok(mut known) = self.0.lock() {
            *known = Some(events);
        }
        Problem::new(StatusCode::OK, "rehearsed", "")
    }

    /// The answer: the events if it came to that, or what was answered instead.
    pub fn answer(&self, otherwise: Response) -> Response {
        let Some(events) = self.0.lock().ok().and_then(|mut known| known.take()) else { return otherwise };
        let events = events.into_iter().map(|Proposed { kind, id, version, event }| ProposedEvent {
            kind,
            resource_id: id,
            version,
            data: without_secrets(kind, event.whole().into_owned()),
            what: event.event_type,
        });
        let run = DryRun { dry_run: true, events: events.collect() };
        respond::json(StatusCode::OK, serde_json::to_string(&run).unwrap_or_default())
    }
}

/// Hashes of secrets are nobody's business.
fn without_secrets(kind: &str, payload: Box<RawValue>) -> Box<RawValue> {
    if kind != "api_key" {
        return payload;
    }
    let mut data: serde_json::Map<String, serde_json::Value> = serde_json::from_str(payload.get()).unwrap_or_default();
    data.remove("sha256");
    serde_json::value::to_raw_value(&data).unwrap_or_default()
}
