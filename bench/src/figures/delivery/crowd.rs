//! Many listeners on one node: what each takes of its memory, and how soon all have heard of one thing.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::future::try_join_all;
use futures::stream::{FuturesUnordered, StreamExt};
use serde_json::json;

use super::ear::Ear;
use super::key;
use crate::client::Client;
use crate::load::Outcome;
use crate::machine::memory;
use crate::report::Figure;
use crate::stage::Stage;

const LISTENERS: usize = 2_000;
/// So many a key may have.
const OF_A_KEY: usize = 5;
/// So many are opened at a time.
const AT_ONCE: usize = 50;
const TOLD: usize = 20;

/// Measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let Some(process) = stage.docket.process() else { return Ok(()) };
    let mut client = Client::open(&stage.docket.target).await?;
    let mut targets = Vec::new();
    for _ in 0..LISTENERS / OF_A_KEY {
        // A member may not have so many.
        let (_, target) = key(stage, &mut client, json!({"service_role": "viewer", "scopes": ["events:read"]})).await?;
        targets.extend(std::iter::repeat_n(target, OF_A_KEY));
    }
    stage.progress.caught_up().await?;
    let before = memory(process).context("no memory to be seen")?.0;
    let mut ears = Vec::new();
    for some in targets.chunks(AT_ONCE) {
        ears.extend(
            try_join_all(some.iter().map(|one| Ear::open(one, "/v1/events/stream?kinds=project", None))).await?,
        );
    }
    let with = memory(process).context("no memory to be seen")?.0;

    let mut outcome = Outcome::default();
    for nth in 0..TOLD {
        let begun = Instant::now();
        client.post("/v1/projects", &json!({"name": format!("Crowd {nth}")})).await?;
        let mut hearing: FuturesUnordered<_> = ears.iter_mut().map(Ear::next).collect();
        while let Some(heard) = tokio::time::timeout(Duration::from_secs(30), hearing.next()).await? {
            heard?;
            outcome.record(begun.elapsed());
        }
    }
    let each = (with - before) * 1024.0 / LISTENERS as f64;
    let note = format!(
        "{before:.0} MiB before, {with:.0} MiB with them, {:.0} MiB after {TOLD} messages to each",
        memory(process).map_or(0.0, |(now, _)| now)
    );
    stage.report.add(Figure::new(format!("memory of each of {LISTENERS} SSE clients"), each, "KiB").noting(note));
    let note = format!("p50 {:.1} ms; from sending the request that all {LISTENERS} hear of", outcome.millis(0.5));
    stage.report.add(
        Figure::new(format!("one event to {LISTENERS} SSE clients: p99"), outcome.millis(0.99), "ms").noting(note),
    );
    Ok(())
}
