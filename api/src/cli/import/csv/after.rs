//! What can be said of a task only once all of them are there: which one it is a part of, and that it has ended.
//!
//! Only tasks at their first version are told: what somebody has changed since is left as it is. So an import that was
//! cut short is finished by the next one, and a second one does nothing.

use std::collections::HashMap;

use anyhow::Context;
use futures::stream::{self, StreamExt, TryStreamExt};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::draft::Draft;
use super::plan::written;
use crate::cli::client::Client;
use crate::cli::out::{count, say};
use crate::cli::upload::name_of;

/// Requests on their way at once.
const AT_ONCE: usize = 8;
/// Commands per request.
const BATCH: usize = 500;

/// Tells them; says what could not be told.
pub async fn tell(client: &Client, drafts: &[Draft]) -> anyhow::Result<()> {
    let unfinished: Vec<&Draft> = drafts.iter().filter(|one| one.parent.is_some() || one.ended().is_some()).collect();
    if unfinished.is_empty() {
        return Ok(());
    }
    let aliases: HashMap<&str, &str> = drafts.iter().filter_map(alias).collect();
    let named = |parent: &str| (*aliases.get(parent).unwrap_or(&parent)).to_owned();
    let mut wanted: Vec<String> = unfinished.iter().map(|one| one.external_id.clone()).collect();
    wanted.extend(unfinished.iter().filter_map(|one| one.parent.as_deref().map(named)));
    wanted.sort_unstable();
    wanted.dedup();
    let ids = ids(client, wanted).await?;

    let (mut commands, mut orphans) = (Vec::new(), 0);
    for draft in unfinished {
        let Some(id) = ids.get(&draft.external_id) else { continue };
        let parent = draft.parent.as_deref().map(named);
        let parent_id = parent.as_ref().and_then(|parent| ids.get(parent));
        orphans += usize::from(parent.is_some() && parent_id.is_none());
        commands.extend(steps(draft, id, parent_id));
    }
    let refused = send(client, &commands).await?;
    if orphans > 0 {
        say!("{}: a parent that is not there", count(orphans, "task"))?;
    }
    refused.iter().try_for_each(|why| say!("{why}"))
}

fn alias(draft: &Draft) -> Option<(&str, &str)> {
    Some((draft.alias.as_deref()?, &draft.external_id))
}

/// The commands: both, if there are two, each at the version that the one before leaves.
fn steps(draft: &Draft, id: &str, parent: Option<&String>) -> Vec<Value> {
    let parent = parent.map(|parent| json!({"parent_id": parent}));
    let end = draft.ended().map(|(status, at)| json!({"status": status, "occurred_at": written(at)}));
    let step = |(version, set): (usize, Value)| json!({"op": "update", "id": id, "if_version": version, "set": set});
    (1..).zip(parent.into_iter().chain(end)).map(step).collect()
}

/// The ids of the tasks that are called so where they come from.
async fn ids(client: &Client, wanted: Vec<String>) -> anyhow::Result<HashMap<String, String>> {
    let find = async |external_id: String| {
        let query = [("external_id", external_id.clone()), ("fields", "id".to_owned())];
        let found: Value = client.read("/v1/tasks", &query).await?.json()?;
        anyhow::Ok(found["data"][0]["id"].as_str().map(|id| (external_id, id.to_owned())))
    };
    stream::iter(wanted).map(find).buffer_unordered(AT_ONCE).try_filter_map(async |found| Ok(found)).try_collect().await
}

/// Sends the commands in batches; what was refused, but for what somebody has changed since.
async fn send(client: &Client, commands: &[Value]) -> anyhow::Result<Vec<String>> {
    let mut refused = Vec::new();
    for batch in commands.chunks(BATCH) {
        let body = json!({"mode": "per_item", "commands": batch});
        let answer: Value = client.change(Method::POST, "/v1/tasks/batch", &body, &name_of(&body)).await?.json()?;
        let results = answer["results"].as_array().context("the server's answer is not Docket's")?;
        let problems = results.iter().filter_map(|result| result["problem"].as_object());
        refused.extend(problems.filter(|problem| problem["status"] != 412).map(detail));
    }
    Ok(refused)
}

fn detail(problem: &Map<String, Value>) -> String {
    problem.get("detail").and_then(Value::as_str).unwrap_or_default().to_owned()
}
