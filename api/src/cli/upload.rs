//! Tasks by the thousand: in batches, several on their way at once, with a progress bar.

use anyhow::ensure;
use futures::stream::{self, StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client::{Client, Refused};

/// Tasks per request: the most the API takes.
const BATCH: usize = 500;
/// Requests on their way at once.
const AT_ONCE: usize = 3;

/// The most bytes of tasks per request, well below what the API takes.
const MOST_BYTES: usize = 2 << 20;

/// What became of the tasks.
#[derive(Clone, Debug, Default)]
pub struct Uploaded {
    /// New ones.
    pub created: u64,
    /// Those that had been there.
    pub existing: u64,
    /// Those that the server did not take.
    pub refused: Vec<Refusal>,
}

/// A task that the server did not take.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Its place among the tasks.
    pub index: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Creates the tasks, each for itself; one whose `external_id` is there already is left alone.
pub async fn upload(client: &Client, tasks: Vec<Value>, bar: &ProgressBar) -> anyhow::Result<Uploaded> {
    stream::iter(batches(tasks))
        .map(|(first, batch)| send(client, first, batch, bar))
        .buffered(AT_ONCE)
        .try_fold(Uploaded::default(), |mut sum, one| async move {
            sum.created += one.created;
            sum.existing += one.existing;
            sum.refused.extend(one.refused);
            Ok(sum)
        })
        .await
}

/// The tasks in batches, each with the place of its first.
fn batches(tasks: Vec<Value>) -> Vec<(usize, Vec<Value>)> {
    let mut batches: Vec<(usize, Vec<Value>)> = Vec::new();
    let mut bytes = 0;
    for (index, task) in tasks.into_iter().enumerate() {
        let size = task.to_string().len();
        bytes += size;
        match batches.last_mut() {
            Some((_, batch)) if batch.len() < BATCH && bytes <= MOST_BYTES => batch.push(task),
            _ => {
                bytes = size;
                batches.push((index, vec![task]));
            }
        }
    }
    batches
}

async fn send(client: &Client, first: usize, batch: Vec<Value>, bar: &ProgressBar) -> anyhow::Result<Uploaded> {
    let size = batch.len();
    let mut batch: Vec<(usize, Value)> = (first..).zip(batch).collect();
    let mut refused = Vec::new();
    let mut sum = loop {
        match try_to_send(client, &batch).await {
            // What is not even well-formed spoils its batch: the others go without it.
            Err(error) => match malformed(&error).filter(|(at, _)| *at < batch.len()) {
                Some((at, why)) => refused.push(Refusal { index: batch.remove(at).0, why }),
                None => return Err(error),
            },
            done => break done?,
        }
    };
    sum.refused.extend(refused);
    sum.refused.sort_by_key(|refusal| refusal.index);
    bar.inc(size as u64);
    Ok(sum)
}

async fn try_to_send(client: &Client, batch: &[(usize, Value)]) -> anyhow::Result<Uploaded> {
    if batch.is_empty() {
        return Ok(Uploaded::default());
    }
    let commands: Vec<Value> = batch.iter().map(|(_, task)| json!({"op": "create", "task": task})).collect();
    let body = json!({"mode": "per_item", "commands": commands});
    let answer = client.change(Method::POST, "/v1/tasks/batch", &body, &name_of(&body)).await?;
    let results: Value = answer.json()?;
    let results = results["results"].as_array().map(Vec::as_slice).unwrap_or_default();
    ensure!(results.len() == batch.len(), "the server's answer is not Docket's: {} results", results.len());
    let mut sum = Uploaded::default();
    for ((index, _), result) in batch.iter().zip(results) {
        match (result["status"].as_u64(), result["problem"]["code"].as_str()) {
            (Some(201), _) if !answer.replayed => sum.created += 1,
            (Some(201), _) => sum.existing += 1,
            (_, Some("already-taken")) => sum.existing += 1,
            _ => sum.refused.push(Refusal { index: *index, why: why(&result["problem"]) }),
        }
    }
    Ok(sum)
}

/// The place of the command that made the server refuse the batch, and what is wrong with it.
fn malformed(error: &anyhow::Error) -> Option<(usize, String)> {
    let refused =
        error.downcast_ref::<Refused>().filter(|refused| refused.status == StatusCode::UNPROCESSABLE_ENTITY)?;
    let place = refused.pointer.as_deref()?.strip_prefix("/commands/")?.split('/').next()?;
    Some((place.parse().ok()?, refused.detail.clone()))
}

fn why(problem: &Value) -> String {
    problem["detail"].as_str().map_or_else(|| problem.to_string(), str::to_owned)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_limited_in_number_and_in_bytes() {
        let sizes =
            |tasks: Vec<Value>| batches(tasks).iter().map(|(first, all)| (*first, all.len())).collect::<Vec<_>>();
        assert_eq!(sizes(vec![json!("x"); 1001]), [(0, 500), (500, 500), (1000, 1)]);
        assert_eq!(sizes(vec![json!("x".repeat(900_000)); 5]), [(0, 2), (2, 2), (4, 1)]);
        assert_eq!(sizes(vec![json!("x".repeat(3 << 20)); 2]), [(0, 1), (1, 1)]);
        assert_eq!(sizes(Vec::new()), []);
    }
}
