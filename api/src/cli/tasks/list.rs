//! `docket tasks list`

use docket_domain::task::Status;
use serde_json::Value;

use super::fields::{priorities, statuses};
use crate::cli::client::Client;
use crate::cli::day::Day;
use crate::cli::find;
use crate::cli::names::Names;
use crate::cli::out::say;
use crate::cli::session::{Session, text};
use crate::cli::table::Table;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    filter: Filter,
    /// In which order: `due_date`, `-priority`, several joined by commas; `-` turns one round.
    #[arg(long, allow_hyphen_values = true)]
    sort: Option<String>,
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    /// Go on after the page that ended with this `next_cursor`.
    #[arg(long)]
    cursor: Option<String>,
}

/// Which tasks.
#[derive(clap::Args)]
pub struct Filter {
    /// Only this project's, by number, name or id.
    #[arg(long, short)]
    project: Option<String>,
    /// Only those in one of these statuses, joined by commas.
    #[arg(long, value_delimiter = ',', value_parser = statuses())]
    status: Vec<String>,
    /// Only those that are still to do.
    #[arg(long, conflicts_with = "status")]
    open: bool,
    /// Only this member's, by name or e-mail address, or `me`.
    #[arg(long, value_name = "MEMBER")]
    assignee: Option<String>,
    /// Only those with this label, by name, or with one of these, if said several times.
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// Only those of this sprint, by name, number or id.
    #[arg(long)]
    sprint: Option<String>,
    /// Only those of one of these priorities, joined by commas.
    #[arg(long, value_delimiter = ',', value_parser = priorities())]
    priority: Vec<String>,
    /// Only those that have to be done on this day or before: 2026-12-01, today, friday, +2w.
    #[arg(long, value_name = "DAY")]
    due_by: Option<Day>,
    /// Only those that have to be done on this day or later.
    #[arg(long, value_name = "DAY")]
    due_from: Option<Day>,
    /// Only those with all of these words.
    #[arg(long = "search", short, value_name = "WORDS")]
    q: Option<String>,
}

impl Filter {
    /// The parameters of the API that it stands for.
    pub async fn query(self, client: &Client) -> anyhow::Result<Vec<(&'static str, String)>> {
        let mut query = Vec::new();
        if let Some(project) = self.project {
            query.push(("project_id", find::project(client, &project).await?));
        }
        if let Some(member) = self.assignee {
            query.push(("assignee_id", find::member(client, &member).await?));
        }
        if let Some(sprint) = self.sprint {
            query.push(("sprint_id", find::sprint(client, &sprint).await?));
        }
        let mut labels = Vec::with_capacity(self.labels.len());
        for label in &self.labels {
            labels.push(find::label(client, label).await?);
        }
        if !labels.is_empty() {
            query.push(("label_id", labels.join(",")));
        }
        if !self.priority.is_empty() {
            query.push(("priority", self.priority.join(",")));
        }
        for (name, day) in [("due_date[gte]", self.due_from), ("due_date[lte]", self.due_by)] {
            query.extend(day.and_then(|Day(day)| day).map(|day| (name, day.to_string())));
        }
        let open =
            || Status::ALL.into_iter().filter(|status| status.is_open()).map(|status| status.as_str().to_owned());
        let statuses = if self.open { open().collect() } else { self.status };
        if !statuses.is_empty() {
            query.push(("status", statuses.join(",")));
        }
        query.extend(self.q.map(|q| ("q", q)));
        Ok(query)
    }
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let mut query = args.filter.query(&client).await?;
    query.extend(args.sort.map(|sort| ("sort", sort)));
    query.push(("limit", args.limit.to_string()));
    query.extend(args.cursor.map(|cursor| ("cursor", cursor)));
    let answer = client.read("/v1/tasks", &query).await?;
    if session.is_json() {
        return say!("{}", answer.text);
    }
    let page: Value = answer.json()?;
    let tasks = page["data"].as_array().cloned().unwrap_or_default();
    let names = Names::of(&client, &tasks).await?;
    let mut table = Table::new(["#", "status", "priority", "due", "project", "assignees", "title"]);
    for task in &tasks {
        let of = |field: &str| text(task, field).to_owned();
        let (project, people) = (names.project(task), names.assignees(task));
        table.row([
            task["number"].to_string(),
            of("status"),
            of("priority"),
            of("due_date"),
            project,
            people,
            of("title"),
        ]);
    }
    table.print_page(&page)
}
