//! `docket sprints list`

use serde_json::Value;

use crate::cli::find;
use crate::cli::out::say;
use crate::cli::session::{Session, text};
use crate::cli::table::Table;

#[derive(clap::Args)]
pub struct Args {
    /// Only this project's, by number, name or id.
    #[arg(long, short)]
    project: Option<String>,
    /// Only those in one of these states, joined by commas: `planned`, `active`, `closed`.
    #[arg(long, value_delimiter = ',')]
    status: Vec<String>,
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    /// Go on after the page that ended with this `next_cursor`.
    #[arg(long)]
    cursor: Option<String>,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let mut query = vec![("sort", "-number".to_owned()), ("limit", args.limit.to_string())];
    if let Some(project) = args.project {
        query.push(("project_id", find::project(&client, &project).await?));
    }
    if !args.status.is_empty() {
        query.push(("status", args.status.join(",")));
    }
    query.extend(args.cursor.map(|cursor| ("cursor", cursor)));
    let answer = client.read("/v1/sprints", &query).await?;
    if session.is_json() {
        return say!("{}", answer.text);
    }
    let page: Value = answer.json()?;
    let mut table = Table::new(["#", "status", "start", "end", "open", "done", "name"]);
    for sprint in page["data"].as_array().into_iter().flatten() {
        let of = |field: &str| text(sprint, field).to_owned();
        let count = |field: &str| sprint[field].to_string();
        let (start, end) = (of("start_date"), of("end_date"));
        table.row([count("number"), of("status"), start, end, count("open_tasks"), count("done_tasks"), of("name")]);
    }
    table.print_page(&page)
}
