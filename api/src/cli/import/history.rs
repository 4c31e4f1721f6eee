//! A work history: its lines, and the projects, members and labels they need.

use std::collections::{BTreeSet, HashMap};

use anyhow::Context;
use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cli::client::Client;
use crate::cli::upload::name_of;

/// One line of a work history.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    project: String,
    title: String,
    author: u64,
    at: DateTime<Utc>,
    #[serde(default)]
    labels: Vec<String>,
}

/// A line with the name it has for ever.
#[derive(Debug)]
pub struct Item {
    line: Line,
    external_id: String,
}

/// A line that can't be imported.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Reads every line; blank ones don't count.
pub fn read(text: &str) -> (Vec<Item>, Vec<Fault>) {
    let mut items = Vec::new();
    let mut faults = Vec::new();
    let mut seen: HashMap<String, u32> = HashMap::new();
    for (number, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        match serde_json::from_str::<Line>(text).map_err(|error| error.to_string()).and_then(check) {
            Ok(line) => {
                // Two equal lines are two items; the same file read again gives them the same names again.
                let hash = fingerprint(&line);
                let nth = seen.entry(hash.clone()).or_default();
                *nth += 1;
                items.push(Item { external_id: format!("{}:{hash}:{nth}", short(&line.project)), line });
            }
            Err(why) => faults.push(Fault { line: number, why }),
        }
    }
    (items, faults)
}

fn check(line: Line) -> Result<Line, String> {
    let blank = |text: &str| text.trim().is_empty();
    let length = |text: &str| text.chars().count();
    if blank(&line.project) || length(&line.project) > 200 {
        return Err("project must have 1 to 200 characters".to_owned());
    }
    if blank(&line.title) || length(&line.title) > 500 {
        return Err("title must have 1 to 500 characters".to_owned());
    }
    if line.title.chars().any(char::is_control) {
        return Err("title must be one line without control characters".to_owned());
    }
    if line.labels.len() > 50 || line.labels.iter().any(|label| blank(label) || length(label) > 100) {
        return Err("labels must be at most 50, each of 1 to 100 characters".to_owned());
    }
    if line.at > Utc::now() {
        return Err("at lies in the future".to_owned());
    }
    Ok(line)
}

fn fingerprint(line: &Line) -> String {
    let text = json!([line.project, line.title, line.author, line.at, line.labels]).to_string();
    hex::encode(&Sha256::digest(text)[..16])
}

fn short(project: &str) -> String {
    project.chars().take(100).collect()
}

/// The ids of what the items refer to.
pub struct Places {
    projects: HashMap<String, String>,
    labels: HashMap<String, String>,
    members: HashMap<String, String>,
}

/// Creates the projects, labels and members that are not there yet.
pub async fn prepare(client: &Client, items: &[Item]) -> anyhow::Result<Places> {
    let lines = || items.iter().map(|item| &item.line);
    let projects: BTreeSet<&str> = lines().map(|line| line.project.as_str()).collect();
    let labels: BTreeSet<String> = lines().flat_map(|line| &line.labels).map(|label| label.to_lowercase()).collect();
    let spelled: HashMap<String, &str> =
        lines().flat_map(|line| &line.labels).map(|label| (label.to_lowercase(), label.as_str())).collect();
    let authors: BTreeSet<(&str, u64)> = lines().map(|line| (line.project.as_str(), line.author)).collect();

    let mut places = Places {
        projects: ids(client, "/v1/projects", "name", str::to_owned).await?,
        labels: ids(client, "/v1/labels", "name", str::to_lowercase).await?,
        members: ids(client, "/v1/members", "email", str::to_lowercase).await?,
    };
    let named = |name: &str| (name.to_owned(), json!({"name": name}));
    ensure(client, "/v1/projects", &mut places.projects, projects.into_iter().map(named)).await?;
    let label = |key: String| (key.clone(), json!({"name": spelled[&key]}));
    ensure(client, "/v1/labels", &mut places.labels, labels.into_iter().map(label)).await?;
    let member = |(project, author)| {
        let email = email(project, author);
        (email.clone(), json!({"email": email, "name": format!("Author {author} of {project}")}))
    };
    ensure(client, "/v1/members", &mut places.members, authors.into_iter().map(member)).await?;
    Ok(places)
}

async fn ids(
    client: &Client,
    path: &str,
    field: &str,
    fold: impl Fn(&str) -> String,
) -> anyhow::Result<HashMap<String, String>> {
    let found = client.all(path).await?;
    let pair = |one: &Value| Some((fold(one[field].as_str()?), one["id"].as_str()?.to_owned()));
    Ok(found.iter().filter_map(pair).collect())
}

/// Creates those that are not known, some at once.
async fn ensure(
    client: &Client,
    path: &str,
    known: &mut HashMap<String, String>,
    wanted: impl Iterator<Item = (String, Value)>,
) -> anyhow::Result<()> {
    let missing: Vec<(String, Value)> = wanted.filter(|(key, _)| !known.contains_key(key)).collect();
    let create = async |(key, body): (String, Value)| {
        let made = client.post(path, &body, &name_of(&json!([path, body]))).await?;
        let id = made["id"].as_str().context("the server's answer has no id")?.to_owned();
        anyhow::Ok((key, id))
    };
    let made: Vec<_> = stream::iter(missing).map(create).buffer_unordered(AT_ONCE).try_collect().await?;
    known.extend(made);
    Ok(())
}

/// Requests on their way at once.
const AT_ONCE: usize = 16;

/// Authors are numbers: each gets an address that reaches nobody.
fn email(project: &str, author: u64) -> String {
    let place: String =
        project.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    format!("author-{author}@{}.invalid", place.trim_matches('-'))
}

impl Places {
    /// The body that creates an item's task.
    pub fn task(&self, item: &Item) -> anyhow::Result<Value> {
        let line = &item.line;
        let id = |known: &HashMap<String, String>, key: &str| known.get(key).cloned().context("an id went missing");
        let labels: BTreeSet<String> = line.labels.iter().map(|label| label.to_lowercase()).collect();
        let label_ids = labels.iter().map(|label| id(&self.labels, label)).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(json!({
            "project_id": id(&self.projects, &line.project)?,
            "title": line.title,
            "assignee_ids": [id(&self.members, &email(&line.project, line.author))?],
            "label_ids": label_ids,
            "external_id": item.external_id,
            "occurred_at": line.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"project":"p","title":"t","author":1,"at":"2020-01-02T03:04:05+02:00","labels":["A"]}"#;

    #[test]
    fn every_bad_line_is_reported_with_its_number() {
        let text = format!("{GOOD}\n\n{{}}\nnonsense\n{GOOD}\n");
        let (items, faults) = read(&text);
        assert_eq!(items.len(), 2);
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn equal_lines_are_different_items_with_lasting_names() {
        let text = format!("{GOOD}\n{GOOD}\n");
        let names = |text: &str| read(text).0.into_iter().map(|item| item.external_id).collect::<Vec<_>>();
        let first = names(&text);
        assert_ne!(first[0], first[1]);
        assert_eq!(first, names(&text));
    }
}
