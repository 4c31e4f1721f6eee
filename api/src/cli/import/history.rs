//! A work history: its lines, and the projects, members and labels they need.

use std::collections::{BTreeSet, HashMap};

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::places::{Ids, ensure, ids};
use super::{Fault, Item};
use crate::cli::client::Client;

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

/// A line with its number and the name it has for ever.
#[derive(Debug)]
pub struct Entry {
    number: u64,
    line: Line,
    external_id: String,
}

/// Reads every line; blank ones don't count.
pub fn read(text: &str) -> (Vec<Entry>, Vec<Fault>) {
    let mut entries = Vec::new();
    let mut faults = Vec::new();
    let mut seen: HashMap<String, u32> = HashMap::new();
    for (number, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        match serde_json::from_str::<Line>(text).map_err(|error| error.to_string()).and_then(check) {
            Ok(line) => {
                // Two equal lines are two items; the same file read again gives them the same names again.
                let hash = fingerprint(&line);
                let nth = seen.entry(hash.clone()).or_default();
                *nth += 1;
                entries.push(Entry { number, external_id: format!("{}:{hash}:{nth}", short(&line.project)), line });
            }
            Err(why) => faults.push(Fault { line: number, why }),
        }
    }
    (entries, faults)
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
    projects: Ids,
    labels: Ids,
    members: Ids,
}

/// Creates the projects, labels and members that are not there yet.
pub async fn prepare(client: &Client, entries: &[Entry]) -> anyhow::Result<Places> {
    let lines = || entries.iter().map(|entry| &entry.line);
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

/// Authors are numbers: each gets an address that reaches nobody.
fn email(project: &str, author: u64) -> String {
    let place: String =
        project.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    format!("author-{author}@{}.invalid", place.trim_matches('-'))
}

impl Places {
    /// The task that an entry becomes.
    pub fn item(&self, entry: &Entry) -> anyhow::Result<Item> {
        let line = &entry.line;
        let id = |known: &Ids, key: &str| known.get(key).cloned().context("an id went missing");
        let labels: BTreeSet<String> = line.labels.iter().map(|label| label.to_lowercase()).collect();
        let label_ids = labels.iter().map(|label| id(&self.labels, label)).collect::<anyhow::Result<Vec<_>>>()?;
        let body = json!({
            "project_id": id(&self.projects, &line.project)?,
            "title": line.title,
            "assignee_ids": [id(&self.members, &email(&line.project, line.author))?],
            "label_ids": label_ids,
            "external_id": entry.external_id,
            "occurred_at": line.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        });
        Ok(Item { line: entry.number, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"project":"p","title":"t","author":1,"at":"2020-01-02T03:04:05+02:00","labels":["A"]}"#;

    #[test]
    fn every_bad_line_is_reported_with_its_number() {
        let text = format!("{GOOD}\n\n{{}}\nnonsense\n{GOOD}\n");
        let (entries, faults) = read(&text);
        assert_eq!(entries.len(), 2);
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn equal_lines_are_different_items_with_lasting_names() {
        let text = format!("{GOOD}\n{GOOD}\n");
        let names = |text: &str| read(text).0.into_iter().map(|entry| entry.external_id).collect::<Vec<_>>();
        let first = names(&text);
        assert_ne!(first[0], first[1]);
        assert_eq!(first, names(&text));
    }
}
