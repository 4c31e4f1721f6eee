//! Tasks by the thousand: in batches, several on their way at once, with a progress bar.

use anyhow::bail;
use futures::stream::{self, StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client::Client;

/// Tasks per request: the most the API takes.
const BATCH: usize = 500;
/// Requests on their way at once.
const AT_ONCE: usize = 3;

/// What became of the tasks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uploaded {
    /// New ones.
    pub created: u64,
    /// Those that had been there.
    pub existing: u64,
}

/// Creates the tasks, each for itself; one whose `external_id` is there already is left alone.
pub async fn upload(client: &Client, tasks: Vec<Value>, bar: &ProgressBar) -> anyhow::Result<Uploaded> {
    let batches: Vec<Vec<Value>> = tasks.chunks(BATCH).map(<[Value]>::to_vec).collect();
    stream::iter(batches)
        .map(|batch| send(client, batch, bar))
        .buffered(AT_ONCE)
        .try_fold(Uploaded::default(), |sum, one| async move {
            Ok(Uploaded { created: sum.created + one.created, existing: sum.existing + one.existing })
        })
        .await
}

async fn send(client: &Client, batch: Vec<Value>, bar: &ProgressBar) -> anyhow::Result<Uploaded> {
    let size = batch.len() as u64;
    let commands: Vec<Value> = batch.into_iter().map(|task| json!({"op": "create", "task": task})).collect();
    let body = json!({"mode": "per_item", "commands": commands});
    let (answer, replayed) = client.post_once("/v1/tasks/batch", &body, &name_of(&body)).await?;
    let mut sum = Uploaded::default();
    for result in answer["results"].as_array().into_iter().flatten() {
        match (result["status"].as_u64(), result["problem"]["code"].as_str()) {
            (Some(201), _) if !replayed => sum.created += 1,
            (Some(201), _) => sum.existing += 1,
            (_, Some("already-taken")) => sum.existing += 1,
            (_, _) => bail!("a task was refused: {}", result["problem"]),
        }
    }
    bar.inc(size);
    Ok(sum)
}

/// The same content has the same idempotency key.
pub fn name_of(body: &Value) -> String {
    hex::encode(Sha256::digest(body.to_string()))
}

/// A bar for so many things, on standard error, and only if that is a terminal.
pub fn bar(length: u64, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:>12} [{bar:40}] {human_pos}/{human_len} {per_sec} {eta}");
    let bar = ProgressBar::new(length).with_prefix(what);
    match style {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}
