//! A small fold of task events, written from their catalogue and not from the server's code.

use std::collections::HashMap;

use anyhow::{Context, Result};
use futures::{StreamExt, pin_mut};
use serde::Deserialize;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::database::Database;

/// What a task should be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Task {
    /// Dense number.
    pub number: i64,
    /// Events so far.
    pub version: i64,
    /// Its project.
    pub project_id: Uuid,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub status: String,
    /// How much it matters.
    pub priority: String,
    /// Who does it.
    pub assignee_ids: Vec<Uuid>,
    /// Its labels.
    pub label_ids: Vec<Uuid>,
    /// The day it has to be done.
    pub due_date: Option<String>,
    /// The sprint it is to be done in.
    #[serde(default)]
    pub sprint_id: Option<Uuid>,
    /// Whether it was taken away.
    #[serde(default)]
    pub deleted: bool,
}

/// Any event of a task: the fields it has.
#[derive(Deserialize)]
struct Change {
    project_id: Option<Uuid>,
    title: Option<String>,
    status: Option<String>,
    priority: Option<String>,
    #[serde(default)]
    assignee_ids: Vec<Uuid>,
    #[serde(default)]
    label_ids: Vec<Uuid>,
    due_date: Option<String>,
    member_id: Option<Uuid>,
    label_id: Option<Uuid>,
    sprint_id: Option<Uuid>,
}

const EVENTS: &str = "select stream, event_type, number, payload::text from log.events where kind = 'task'
    order by partition, position";

/// Folds every task of the log.
pub async fn tasks(database: &Database) -> Result<HashMap<Uuid, Task>> {
    let nothing: [&(dyn ToSql + Sync); 0] = [];
    let rows = database.query_raw(EVENTS, nothing).await?;
    pin_mut!(rows);
    let mut tasks: HashMap<Uuid, Task> = HashMap::new();
    while let Some(row) = rows.next().await {
        let row = row?;
        let (stream, event_type, payload): (Uuid, &str, &str) = (row.try_get(0)?, row.try_get(1)?, row.try_get(3)?);
        let change: Change =
            serde_json::from_str(payload).with_context(|| format!("{event_type} {stream}: {payload}"))?;
        let task = tasks.entry(stream).or_default();
        if let Some(number) = row.try_get(2)? {
            task.number = number;
        }
        task.take(event_type, change).with_context(|| format!("{event_type} {stream}: {payload}"))?;
    }
    Ok(tasks)
}

impl Task {
    fn take(&mut self, event_type: &str, change: Change) -> Result<()> {
        self.version += 1;
        match event_type {
            "task.created" => {
                self.project_id = change.project_id.context("no project")?;
                self.title = change.title.context("no title")?;
                self.status = change.status.context("no status")?;
                self.priority = change.priority.context("no priority")?;
                (self.assignee_ids, self.label_ids) = (change.assignee_ids, change.label_ids);
                (self.due_date, self.sprint_id) = (change.due_date, change.sprint_id);
            }
            "task.retitled" => self.title = change.title.context("no title")?,
            "task.described" | "task.parent_set" | "task.estimated" => {}
            "task.sprint_set" => self.sprint_id = change.sprint_id,
            "task.status_changed" => self.status = change.status.context("no status")?,
            "task.priority_changed" => self.priority = change.priority.context("no priority")?,
            "task.assigned" => self.assignee_ids.push(change.member_id.context("no member")?),
            "task.unassigned" => self.assignee_ids.retain(|id| Some(*id) != change.member_id),
            "task.label_added" => self.label_ids.push(change.label_id.context("no label")?),
            "task.label_removed" => self.label_ids.retain(|id| Some(*id) != change.label_id),
            "task.scheduled" => self.due_date = change.due_date,
            "task.moved" => self.project_id = change.project_id.context("no project")?,
            "task.deleted" => self.deleted = true,
            "task.restored" => self.deleted = false,
            _ => anyhow::bail!("an event type that this fold doesn't know"),
        }
        Ok(())
    }

    /// Whether there is still something to do.
    pub fn is_open(&self) -> bool {
        !self.deleted && !matches!(self.status.as_str(), "done" | "cancelled" | "duplicate")
    }
}
