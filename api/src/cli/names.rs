//! The names of what tasks refer to.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::client::Client;
use super::find;
use super::session::text;

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
        let several = |field: &str| tasks.iter().flat_map(|task| ids(task, field)).collect::<BTreeSet<_>>();
        let projects = tasks.iter().map(|task| text(task, "project_id").to_owned()).collect();
        Ok(Self {
            projects: find::names(client, "/v1/projects", projects).await?,
            members: find::names(client, "/v1/members", several("assignee_ids")).await?,
            labels: find::names(client, "/v1/labels", several("label_ids")).await?,
        })
    }

    /// A task's project.
    pub fn project(&self, task: &Value) -> String {
        find::name(&self.projects, text(task, "project_id"))
    }

    /// Who does it.
    pub fn assignees(&self, task: &Value) -> Vec<String> {
        ids(task, "assignee_ids").map(|id| find::name(&self.members, &id)).collect()
    }

    /// Its labels.
    pub fn labels(&self, task: &Value) -> Vec<String> {
        ids(task, "label_ids").map(|id| find::name(&self.labels, &id)).collect()
    }
}

fn ids<'a>(task: &'a Value, field: &str) -> impl Iterator<Item = String> + use<'a> {
    task[field].as_array().into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned))
}
