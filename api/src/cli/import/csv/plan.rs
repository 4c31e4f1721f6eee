//! What an import would do: worked out, and shown before anything is done.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use docket_domain::task::Status;
use serde_json::{Value, json};

use super::draft::{Draft, split};
use crate::cli::client::Client;
use crate::cli::import::places::{Ids, ensure as create, ids};
use crate::cli::import::{Fault, Item};
use crate::cli::out::{harmless, say};
use crate::cli::session::text;

/// What is there already, and what is to be made.
pub struct Plan {
    /// The project for all of them, if one is said.
    into: Option<String>,
    projects: Ids,
    labels: Ids,
    /// By folded name and address; those that mean several people mean nobody.
    members: HashMap<String, Option<String>>,
    /// The rows.
    pub drafts: Vec<Draft>,
}

impl Plan {
    /// Looks up what the rows refer to.
    pub async fn new(client: &Client, drafts: Vec<Draft>, into: Option<String>) -> anyhow::Result<Self> {
        if drafts.iter().any(|draft| draft.created.is_some() || draft.ended().is_some()) {
            let me = client.get("/v1/me").await?;
            let has = |scope: &Value| scope == "import" || scope == "admin";
            ensure!(
                me["scopes"].as_array().is_some_and(|scopes| scopes.iter().any(has)),
                "the key lacks the scope import, which setting times of the past takes: use another key, or leave them \
                 out with --map created= --map completed="
            );
        }
        Ok(Self {
            into,
            projects: ids(client, "/v1/projects", "name", str::to_owned).await?,
            labels: ids(client, "/v1/labels", "name", str::to_lowercase).await?,
            members: members(&client.all("/v1/members").await?),
            drafts,
        })
    }

    /// The rows that belong nowhere.
    pub fn faults(&self) -> Vec<Fault> {
        let homeless = self.drafts.iter().filter(|draft| self.into.is_none() && draft.project.is_none());
        let why = "no project: say --project, or --map project=COLUMN";
        homeless.map(|draft| Fault { line: draft.line, why: why.to_owned() }).collect()
    }

    /// Shows what would be done.
    pub fn show(&self) -> anyhow::Result<()> {
        if self.into.is_none() {
            let names = self.drafts.iter().filter_map(|draft| draft.project.as_deref());
            let named: BTreeMap<String, &str> = names.map(|name| (name.to_owned(), name)).collect();
            show("projects", &named, &self.projects)?;
        }
        let labels = self.drafts.iter().flat_map(|draft| &draft.labels);
        show("labels", &labels.map(|label| (label.to_lowercase(), label.as_str())).collect(), &self.labels)?;
        let strangers: BTreeSet<&str> = self.drafts.iter().flat_map(|draft| self.assignees(draft).1).collect();
        if !strangers.is_empty() {
            let names = strangers.into_iter().collect::<Vec<_>>().join(", ");
            say!("not members, and so not assigned: {}", harmless(&names))?;
        }
        Ok(())
    }

    /// Makes the projects and labels that are missing, and the bodies of the tasks.
    pub async fn carry_out(&mut self, client: &Client) -> anyhow::Result<Vec<Item>> {
        let names: BTreeSet<&str> = self.drafts.iter().filter_map(|draft| draft.project.as_deref()).collect();
        if self.into.is_none() {
            let new = names.into_iter().map(|name| (name.to_owned(), json!({"name": name})));
            create(client, "/v1/projects", &mut self.projects, new).await?;
        }
        let labels = self.drafts.iter().flat_map(|draft| &draft.labels);
        let labels: BTreeMap<String, &String> = labels.map(|label| (label.to_lowercase(), label)).collect();
        let new = labels.into_iter().map(|(key, label)| (key, json!({"name": label})));
        create(client, "/v1/labels", &mut self.labels, new).await?;
        self.drafts.iter().map(|draft| self.item(draft)).collect()
    }

    fn item(&self, draft: &Draft) -> anyhow::Result<Item> {
        let label = |name: &String| self.labels.get(&name.to_lowercase()).context("a label went missing");
        let project = self.into.as_ref().or_else(|| self.projects.get(draft.project.as_deref().unwrap_or_default()));
        let body = json!({
            "project_id": project.context("a project went missing")?,
            "title": draft.title,
            "description": draft.description,
            // What has ended does so afterwards, at its time.
            "status": if draft.ended().is_some() { Some(Status::Todo) } else { draft.status },
            "priority": draft.priority,
            "assignee_ids": self.assignees(draft).0,
            "label_ids": draft.labels.iter().map(label).collect::<anyhow::Result<Vec<_>>>()?,
            "start_date": draft.start,
            "due_date": draft.due,
            "estimate_points": draft.points,
            "estimate_minutes": draft.minutes,
            "external_id": draft.external_id,
            "occurred_at": draft.created.or(draft.ended().map(|(_, at)| at)).map(written),
        });
        Ok(Item { line: draft.line, body })
    }

    /// The ids of those who do it, and the names of those who are unknown. A cell is one person if it can be, and
    /// otherwise several.
    fn assignees<'a>(&'a self, draft: &'a Draft) -> (Vec<&'a String>, Vec<&'a str>) {
        let (mut known, mut strangers) = (Vec::new(), Vec::new());
        for cell in &draft.assignees {
            let names = if self.member(cell).is_some() { vec![cell.as_str()] } else { split(cell).collect() };
            for name in names {
                match self.member(name) {
                    Some(id) if known.contains(&id) => {}
                    Some(id) => known.push(id),
                    None => strangers.push(name),
                }
            }
        }
        (known, strangers)
    }

    /// By name or address; Trello writes `Ada Lovelace (ada)`.
    fn member(&self, name: &str) -> Option<&String> {
        let by_name = |name: &str| self.members.get(&name.trim().to_lowercase())?.as_ref();
        by_name(name).or_else(|| by_name(name.strip_suffix(')')?.rsplit_once(" (")?.0))
    }
}

/// An instant, as the server takes it.
pub fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

fn members(there: &[Value]) -> HashMap<String, Option<String>> {
    let mut members: HashMap<String, Option<String>> = HashMap::new();
    for one in there {
        for name in [text(one, "name"), text(one, "email")].map(str::to_lowercase) {
            let id = text(one, "id").to_owned();
            members
                .entry(name)
                .and_modify(|known| *known = known.take().filter(|known| *known == id))
                .or_insert(Some(id));
        }
    }
    members
}

/// Shows which of these are new.
fn show(what: &str, named: &BTreeMap<String, &str>, there: &Ids) -> anyhow::Result<()> {
    if named.is_empty() {
        return Ok(());
    }
    let mark = |(key, name): (&String, &&str)| {
        if there.contains_key(key) { (*name).to_owned() } else { format!("{name} (new)") }
    };
    let names: Vec<String> = named.iter().map(mark).collect();
    say!("{what}: {}", harmless(&names.join(", ")))
}
