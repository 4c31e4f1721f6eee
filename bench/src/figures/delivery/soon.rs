//! From a command's 2xx to who hears of it: over NATS, as a server-sent event, at a webhook; at a steady rate of writes,
//! beside how soon somebody else's list shows it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::spawn;

use super::{ear::Ear, hook, key, nats, text};
use crate::client::Client;
use crate::figures::visibility;
use crate::load::Outcome;
use crate::report::Figure;
use crate::stage::Stage;

const RATE: u32 = 500;
/// How long the last messages may be on their way.
const PATIENCE: Duration = Duration::from_mins(1);

/// When each task was heard of.
#[derive(Clone, Default)]
struct Times(Arc<Mutex<HashMap<String, Instant>>>);

impl Times {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note(times: &Times, message: &Value, at: Instant) {
    if text(message, "/type") == "task.created" {
        times.all().entry(text(message, "/partitionkey").to_owned()).or_insert(at);
    }
}

/// Measures and reports.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let ways = ["a NATS subscriber", "an SSE client", "a webhook receiver"].map(|name| (name, Times::default()));
    let mut client = Client::open(&stage.docket.target).await?;
    let (id, target) = key(stage, &mut client, json!({"scopes": ["admin"]})).await?;

    let consumers = stage.docket.consumers_url.clone().context("there is no NATS for consumers")?;
    let subscriber = nats::connect(&consumers, id, &target).await?;
    let mut heard = subscriber.subscribe(format!("docket.events.{}.task.>", stage.workspace)).await?;
    subscriber.flush().await?;
    let mut ear = Ear::open(&target, "/v1/events/stream?kinds=task", None).await?;
    let (url, mut hooked) = hook::listen().await?;
    let webhook = json!({"name": "bench", "url": url, "event_types": ["task.created"]});
    let webhook = client.post("/v1/webhooks", &webhook).await?;
    let [(_, by_nats), (_, by_stream), (_, by_hook)] = ways.clone();
    let listening = [
        spawn(async move {
            while let Some(message) = heard.next().await {
                let now = Instant::now();
                note(&by_nats, &serde_json::from_slice(&message.payload).unwrap_or_default(), now);
            }
        }),
        spawn(async move {
            while let Ok(message) = ear.next().await {
                note(&by_stream, &message, Instant::now());
            }
        }),
        spawn(async move {
            while let Some((message, at)) = hooked.recv().await {
                note(&by_hook, &message, at);
            }
        }),
    ];

    let lasting = Duration::from_secs_f64(stage.options.seconds().max(5.0) * 2.0);
    let seen = visibility::at(stage, RATE, lasting).await?;
    let begun = Instant::now();
    let is_all = |times: &Times| seen.answered.iter().all(|(id, _)| times.all().contains_key(&id.to_string()));
    while !ways.iter().all(|(_, times)| is_all(times)) && begun.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    listening.iter().for_each(tokio::task::JoinHandle::abort);

    let visible = seen.visible.millis(0.99);
    for (name, times) in &ways {
        let mut outcome = Outcome::default();
        for (id, answered) in &seen.answered {
            match times.all().get(&id.to_string()) {
                // It may be there before the answer is read.
                Some(at) => outcome.record(at.saturating_duration_since(*answered)),
                None => outcome.record_bad(0, b"never heard of"),
            }
        }
        let said = format!("p50 {:.2} ms, of {} tasks", outcome.millis(0.5), outcome.count);
        let figure = Figure::new(format!("2xx to {name} at {RATE}/s: p99"), outcome.millis(0.99), "ms").noting(said);
        stage.report.add(figure.against("another key's list", visible));
        let bad = Figure::new(format!("… to {name}: never heard of"), outcome.bad_count() as f64, "");
        stage.report.add(bad.at_most(0.0));
    }
    stage.acknowledged.extend(seen.answered.iter().map(|(id, _)| *id));
    // It would be sent all that comes now.
    let webhook = crate::client::id(&webhook)?;
    client.patch(&format!("/v1/webhooks/{webhook}"), &json!({"paused": true})).await?;
    Ok(())
}
