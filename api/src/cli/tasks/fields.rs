//! What can be said of a task, new or not.

use clap::builder::PossibleValuesParser;
use docket_domain::task::{Priority, Status};
use serde_json::{Map, Value, json};

use crate::cli::client::Client;
use crate::cli::day::Day;
use crate::cli::find;

/// What can be said of a task.
#[derive(clap::Args)]
pub struct Fields {
    /// More about it, in Markdown.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Where it stands.
    #[arg(long, value_parser = statuses())]
    status: Option<String>,
    /// How much it matters.
    #[arg(long, value_parser = priorities())]
    priority: Option<String>,
    /// The day work starts: 2026-12-01, tomorrow, friday, +2w, none.
    #[arg(long, value_name = "DAY")]
    start: Option<Day>,
    /// The day it has to be done: 2026-12-01, tomorrow, friday, +2w, none.
    #[arg(long, value_name = "DAY")]
    due: Option<Day>,
    /// Who does it, by name, e-mail address or `me`; several times for several people, `none` for nobody.
    #[arg(long = "assignee", value_name = "MEMBER")]
    assignees: Vec<String>,
    /// Its labels, by name; several times for several, `none` for none.
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// The sprint it is to be done in, by name, number or id; `none` for none.
    #[arg(long)]
    sprint: Option<String>,
}

/// The statuses, as values of an argument.
pub fn statuses() -> PossibleValuesParser {
    PossibleValuesParser::new(Status::ALL.map(Status::as_str))
}

/// The priorities, as values of an argument.
pub fn priorities() -> PossibleValuesParser {
    PossibleValuesParser::new(Priority::ALL.map(Priority::as_str))
}

impl Fields {
    /// The members of a body that they stand for.
    pub async fn body(self, client: &Client) -> anyhow::Result<Map<String, Value>> {
        let mut body = Map::new();
        let mut put = |name: &str, value: Option<Value>| drop(value.map(|value| body.insert(name.to_owned(), value)));
        put("description", self.description.map(Value::from));
        put("status", self.status.map(Value::from));
        put("priority", self.priority.map(Value::from));
        put("start_date", self.start.map(|Day(day)| json!(day)));
        put("due_date", self.due.map(|Day(day)| json!(day)));
        put("assignee_ids", find::several(&self.assignees, async |said| find::member(client, said).await).await?);
        put("label_ids", find::several(&self.labels, async |said| find::label(client, said).await).await?);
        put("sprint_id", find::maybe(self.sprint.as_deref(), async |said| find::sprint(client, said).await).await?);
        Ok(body)
    }
}
