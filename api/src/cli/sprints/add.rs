//! `docket sprints add`

use reqwest::Method;
use serde_json::json;

use super::told;
use crate::cli::day::Day;
use crate::cli::find;
use crate::cli::session::{Session, attempt};

#[derive(clap::Args)]
pub struct Args {
    /// Its name.
    name: String,
    /// The project it belongs to, by number, name or id.
    #[arg(long, short)]
    project: String,
    /// What it is for, in Markdown.
    #[arg(long)]
    goal: Option<String>,
    /// Its first day: 2026-12-01, tomorrow, monday, +2w.
    #[arg(long, value_name = "DAY")]
    start: Option<Day>,
    /// Its last day.
    #[arg(long, value_name = "DAY")]
    end: Option<Day>,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let day = |day: Option<Day>| day.and_then(|Day(day)| day);
    let body = json!({
        "project_id": find::project(&client, &args.project).await?,
        "name": args.name,
        "goal": args.goal,
        "start_date": day(args.start),
        "end_date": day(args.end),
    });
    let answer = client.change(Method::POST, "/v1/sprints", &body, &attempt()).await?;
    session.show(&answer, |sprint| told("Added", sprint))
}
