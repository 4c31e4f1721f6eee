//! The domain from outside: what others store, send and replay must keep its form and its meaning.

mod audit;
mod effects;
mod envelope;
mod replay;
mod upcasting;
mod wire;

use chrono::{DateTime, Utc};
use cqrs_es::DomainEvent;
use docket_domain::ids::WorkspaceId;
use docket_domain::{Actor, Aggregate, Metadata, Recorded};
use uuid::Uuid;

/// An id that is the same each time.
fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("an RFC 3339 time")
}

/// An event as the log would give it back.
fn recorded<A: Aggregate>(stream: Uuid, version: i64, event: &A::Event) -> Recorded {
    let payload = serde_json::value::to_raw_value(event).expect("JSON");
    Recorded { version, event_version: A::event_version(&event.event_type()), ..stored::<A>(stream, event, payload) }
}

fn stored<A: Aggregate>(stream: Uuid, event: &A::Event, payload: Box<serde_json::value::RawValue>) -> Recorded {
    Recorded {
        partition: 3,
        position: 1_042,
        workspace: WorkspaceId(id(1)),
        kind: A::TYPE.to_owned(),
        stream,
        version: 1,
        event_type: event.event_type(),
        event_version: 1,
        number: None,
        series: None,
        command: id(2),
        occurred_at: time("2026-07-14T09:30:00.00025Z"),
        recorded_at: time("2026-07-14T09:30:00.125Z"),
        payload,
        personal: None,
        metadata: Metadata {
            actor: Actor::Member(id(5)),
            key_id: Some(id(6)),
            request_id: "req-1".to_owned(),
            correlation_id: "req-1".to_owned(),
            causation_id: id(2),
            causation_position: None,
            dated: false,
            dialect: "native".to_owned(),
            idempotency_key_hash: None,
            trace: None,
        },
    }
}
