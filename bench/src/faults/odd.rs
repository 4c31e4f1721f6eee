//! Messages that nobody of Docket's has published: repeated, in another order, forged, damaged.

use anyhow::Result;
use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::Value;

/// Publishes what the stream had last: again and shuffled, with another content, and with a byte turned.
pub async fn publish(jetstream: &Context, stream: &str, rng: &mut StdRng) -> Result<()> {
    let Ok(mut stream) = jetstream.get_stream(stream).await else { return Ok(()) };
    let Ok(info) = stream.info().await else { return Ok(()) };
    let last = info.state.last_sequence;
    let mut found = Vec::new();
    for sequence in last.saturating_sub(40)..=last {
        if let Ok(message) = stream.get_raw_message(sequence).await {
            found.push(message);
        }
    }
    found.shuffle(rng);
    for message in found {
        let mut sealed = HeaderMap::new();
        if let Some(seal) = message.headers.get("Docket-Seal") {
            sealed.insert("Docket-Seal", seal.clone());
        }
        let mut damaged = message.payload.to_vec();
        let at = rng.random_range(0..damaged.len().max(1));
        if let Some(byte) = damaged.get_mut(at) {
            *byte ^= 1 << rng.random_range(0..7);
        }
        let bodies = [
            (Some(&sealed), message.payload.to_vec()),
            (None, forged(&message.payload, 0)),
            (Some(&sealed), forged(&message.payload, 1)),
            (Some(&sealed), forged(&message.payload, 1_000_000)),
            (Some(&sealed), damaged),
        ];
        for (headers, body) in bodies {
            let headers = headers.cloned().unwrap_or_default();
            let _ = jetstream.publish_with_headers(message.subject.clone(), headers, body.into()).await;
        }
    }
    Ok(())
}

/// The same event as somebody else would like it to be, so many positions later.
fn forged(payload: &[u8], later: i64) -> Vec<u8> {
    let Ok(mut event) = serde_json::from_slice::<Value>(payload) else { return Vec::new() };
    event["position"] = (event["position"].as_i64().unwrap_or_default() + later).into();
    if event["payload"]["title"].is_string() {
        event["payload"]["title"] = "Forged".into();
    }
    event.to_string().into_bytes()
}
