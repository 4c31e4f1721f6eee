//! `docket projects list`

use serde_json::Value;

use super::status;
use crate::cli::find;
use crate::cli::out::say;
use crate::cli::session::{Session, text};
use crate::cli::table::Table;

#[derive(clap::Args)]
pub struct Args {
    /// Only those in one of these states, by their keys, joined by commas.
    #[arg(long, value_delimiter = ',', value_name = "KEY")]
    status: Vec<String>,
    /// Only this customer's, by name or number.
    #[arg(long)]
    customer: Option<String>,
    /// Only this team's, by name.
    #[arg(long)]
    team: Option<String>,
    /// Only those with all of these words.
    #[arg(long = "search", short, value_name = "WORDS")]
    q: Option<String>,
    /// How many at most.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    /// Go on after the page that ended with this `next_cursor`.
    #[arg(long)]
    cursor: Option<String>,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let mut query = Vec::new();
    if !args.status.is_empty() {
        query.push(("status", args.status.join(",")));
    }
    if let Some(customer) = args.customer {
        query.push(("customer_id", find::customer(&client, &customer).await?));
    }
    if let Some(team) = args.team {
        query.push(("team_id", find::team(&client, &team).await?));
    }
    query.extend(args.q.map(|q| ("q", q)));
    query.push(("limit", args.limit.to_string()));
    query.extend(args.cursor.map(|cursor| ("cursor", cursor)));
    let answer = client.read("/v1/projects", &query).await?;
    if session.is_json() {
        return say!("{}", answer.text);
    }
    let page: Value = answer.json()?;
    let mut table = Table::new(["#", "number", "code", "status", "due", "# open", "name"]);
    for project in page["data"].as_array().into_iter().flatten() {
        let of = |field: &str| text(project, field).to_owned();
        let (number, open) = (project["number"].to_string(), project["open_tasks"].to_string());
        table.row([number, of("project_number"), of("code"), status(project), of("due_date"), open, of("name")]);
    }
    table.print_page(&page)
}
