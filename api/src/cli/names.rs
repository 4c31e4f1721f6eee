//! The names of what tasks refer to.

use std::collections::HashMap;

use serde_json::Value;

use super::client::Client;
use super::find;

/// What is called how that tasks refer to.
#[derive(Default)]
pub struct Names {
    projects: HashMap<String, String>,
    members: HashMap<String, String>,
    labels: HashMap<String, String>,
}

impl Names {
    /// The names that these tasks need.
    pub async fn of(client: &Client, tasks: &[Value]) -> anyhow::Result<Self> {
        let mut names = Self::default();
        names.learn(client, tasks).await?;
        Ok(names)
    }

    /// Looks up what these tasks need besides.
    pub async fn learn(&mut self, client: &Client, tasks: &[Value]) -> anyhow::Result<()> {
        for (path, known, field) in [
            ("/v1/projects", &mut self.projects, "project_id"),
            ("/v1/members", &mut self.members, "assignee_ids"),
            ("/v1/labels", &mut self.labels, "label_ids"),
        ] {
            let wanted = tasks.iter().flat_map(|task| ids(task, field)).filter(|id| !known.contains_key(*id)).collect();
            known.extend(find::names(client, path, wanted).await?);
        }
        Ok(())
    }

    /// A task's project.
    pub fn project(&self, task: &Value) -> String {
        of(&self.projects, task, "project_id")
    }

    /// Who does it.
    pub fn assignees(&self, task: &Value) -> String {
        of(&self.members, task, "assignee_ids")
    }

    /// Its labels.
    pub fn labels(&self, task: &Value) -> String {
        of(&self.labels, task, "label_ids")
    }
}

fn of(names: &HashMap<String, String>, task: &Value, field: &str) -> String {
    let names: Vec<&str> = ids(task, field).filter_map(|id| names.get(id).map(String::as_str)).collect();
    names.join(", ")
}

/// The id, or the ids, in a member of a task.
fn ids<'a>(task: &'a Value, field: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let (one, several) = (task[field].as_str(), task[field].as_array());
    one.into_iter().chain(several.into_iter().flatten().filter_map(Value::as_str))
}
