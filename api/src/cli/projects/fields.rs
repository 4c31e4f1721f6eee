//! What can be said of a project, new or not.

use serde_json::{Map, Value, json};

use crate::cli::client::Client;
use crate::cli::day::Day;
use crate::cli::find;

/// What can be said of a project.
#[derive(clap::Args)]
pub struct Fields {
    /// What it is about, in Markdown.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The key of one of the workspace's states, such as `in_progress`.
    #[arg(long, value_name = "KEY")]
    status: Option<String>,
    /// A short name of capital letters and digits, such as WEB; `none` for none.
    #[arg(long)]
    code: Option<String>,
    /// Its first day: 2026-12-01, tomorrow, friday, +2w, none.
    #[arg(long, value_name = "DAY")]
    start: Option<Day>,
    /// The day it has to be done: 2026-12-01, tomorrow, friday, +2w, none.
    #[arg(long, value_name = "DAY")]
    due: Option<Day>,
    /// Who leads it, by name, e-mail address or `me`; `none` for nobody.
    #[arg(long, value_name = "MEMBER")]
    lead: Option<String>,
    /// Who works on it; several times for several people, `none` for nobody.
    #[arg(long = "member", value_name = "MEMBER")]
    members: Vec<String>,
    /// Which team does it, by name; `none` for none.
    #[arg(long)]
    team: Option<String>,
    /// In which space it is found, by name; `none` for none.
    #[arg(long)]
    space: Option<String>,
    /// For whom it is done, by name or number; `none` for nobody.
    #[arg(long)]
    customer: Option<String>,
    /// Whether the customer pays for it.
    #[arg(long, value_name = "YES")]
    billable: Option<bool>,
}

impl Fields {
    /// The members of a body that they stand for.
    pub async fn body(self, client: &Client) -> anyhow::Result<Map<String, Value>> {
        let mut body = Map::new();
        let mut put = |name: &str, value: Option<Value>| drop(value.map(|value| body.insert(name.to_owned(), value)));
        put("description", self.description.map(Value::from));
        put("status", self.status.map(Value::from));
        put("code", self.code.map(|code| if code == "none" { Value::Null } else { code.into() }));
        put("start_date", self.start.map(|Day(day)| json!(day)));
        put("due_date", self.due.map(|Day(day)| json!(day)));
        put("lead_id", find::maybe(self.lead.as_deref(), async |said| find::member(client, said).await).await?);
        put("member_ids", find::several(&self.members, async |said| find::member(client, said).await).await?);
        put("team_id", find::maybe(self.team.as_deref(), async |said| find::team(client, said).await).await?);
        put("space_id", find::maybe(self.space.as_deref(), async |said| find::space(client, said).await).await?);
        let customer = find::maybe(self.customer.as_deref(), async |said| find::customer(client, said).await);
        put("customer_id", customer.await?);
        put("billable", self.billable.map(Value::from));
        Ok(body)
    }
}
