//! Publishing to JetStream, pipelined.

use std::time::Duration;

use async_nats::header::{HeaderMap, NATS_MESSAGE_ID};
use async_nats::jetstream::{self, stream};
use docket_domain::{Recorded, envelope};
use futures::future::join_all;

use super::Config;
use crate::Error;

/// Publishes the events in order; answers how many of them, from the first on, are acknowledged without a gap.
pub async fn publish(
    jetstream: &jetstream::Context,
    config: &Config,
    secret: &[u8],
    events: &[Recorded],
) -> Result<usize, Error> {
    let mut waiting = Vec::with_capacity(events.len());
    let _traces = traces(events);
    for event in events {
        let payload = serde_json::to_vec(event).map_err(|error| Error::Bug(error.to_string()))?;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, event.message_id());
        if let Some(trace) = &event.metadata.trace {
            headers.insert("traceparent", trace.as_str());
        }
        headers.insert(envelope::SEAL, envelope::seal(secret, &payload));
        let sent = jetstream.publish_with_headers(event.subject(&config.prefix), headers, payload.into()).await;
        waiting.push(sent.map_err(|error| unavailable(&error))?);
    }
    let answers = join_all(waiting.into_iter().map(IntoFuture::into_future)).await;
    let acknowledged = answers.iter().take_while(|answer| answer.is_ok()).count();
    if let Some(Err(error)) = answers.get(acknowledged) {
        tracing::warn!(%error, "JetStream refused an event; making sure the stream is there");
        ensure_stream(jetstream, config).await?;
    }
    Ok(acknowledged)
}

/// A span of each traced event, until they are dropped.
fn traces(events: &[Recorded]) -> Vec<tracing::Span> {
    let of = |event: &Recorded| {
        let (trace, position) = (event.metadata.trace.as_deref()?, event.position);
        Some(tracing::info_span!(target: envelope::SPANS, "publish", traceparent = trace,
            "messaging.system" = "nats", "docket.event" = event.event_type, "docket.position" = position))
    };
    events.iter().filter_map(of).collect()
}

/// Makes the stream if it isn't there: it is transport, so it may be deleted at any moment.
pub async fn ensure_stream(jetstream: &jetstream::Context, config: &Config) -> Result<(), Error> {
    let wanted = stream::Config {
        name: envelope::stream_name(&config.prefix),
        subjects: vec![envelope::all_subjects(&config.prefix)],
        max_age: Duration::from_hours(72),
        duplicate_window: Duration::from_mins(2),
        num_replicas: config.replicas,
        ..Default::default()
    };
    jetstream.get_or_create_stream(wanted).await.map(|_| ()).map_err(|error| unavailable(&error))
}

fn unavailable(error: &impl std::fmt::Display) -> Error {
    Error::Unavailable(format!("NATS: {error}"))
}
