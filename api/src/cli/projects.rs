//! `docket projects`

use reqwest::Method;
use serde_json::{Value, json};

use super::find;
use super::out::say;
use super::session::{Session, attempt, sheet, text};
use super::table::Table;

/// Work with projects.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    session: Session,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List projects.
    List(List),
    /// Add a project.
    Add(Add),
    /// Show a project.
    Show(Show),
}

#[derive(clap::Args)]
struct List {
    /// How many at most.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    /// Go on after the page that ended with this `next_cursor`.
    #[arg(long)]
    cursor: Option<String>,
}

#[derive(clap::Args)]
struct Add {
    /// Its name.
    name: String,
    /// What it is about, in Markdown.
    #[arg(long)]
    description: Option<String>,
}

#[derive(clap::Args)]
struct Show {
    /// Its number, like 3 or 2026-0003, its name or its id.
    project: String,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let session = args.session;
    match args.command {
        Command::List(args) => list(&session, args).await,
        Command::Add(args) => add(&session, args).await,
        Command::Show(args) => show(&session, args).await,
    }
}

async fn list(session: &Session, args: List) -> anyhow::Result<()> {
    let mut query = vec![("limit", args.limit.to_string())];
    query.extend(args.cursor.map(|cursor| ("cursor", cursor)));
    let answer = session.client()?.read("/v1/projects", &query).await?;
    if session.is_json() {
        return say!("{}", answer.text);
    }
    let page: Value = answer.json()?;
    let mut table = Table::new(["#", "number", "status", "# open", "name"]);
    for project in page["data"].as_array().into_iter().flatten() {
        let status = if project["archived"] == true { "archived" } else { "active" };
        let (number, open) = (project["number"].to_string(), project["open_tasks"].to_string());
        let (long, name) = (text(project, "project_number").to_owned(), text(project, "name").to_owned());
        table.row([number, long, status.to_owned(), open, name]);
    }
    table.print_page(&page)
}

async fn add(session: &Session, args: Add) -> anyhow::Result<()> {
    let body = json!({"name": args.name, "description": args.description});
    let answer = session.client()?.change(Method::POST, "/v1/projects", &body, &attempt()).await?;
    session.show(&answer, |project| {
        let (number, long, name) = (&project["number"], text(project, "project_number"), text(project, "name"));
        format!("Added project #{number} ({long}): {name}")
    })
}

async fn show(session: &Session, args: Show) -> anyhow::Result<()> {
    let client = session.client()?;
    let id = find::project(&client, &args.project).await?;
    let answer = client.read(&format!("/v1/projects/{id}"), &[]).await?;
    session.show(&answer, |project| {
        let title = format!("#{}  {}", project["number"], text(project, "name"));
        let facts = [
            ("Number", text(project, "project_number").to_owned()),
            ("Status", if project["archived"] == true { "archived" } else { "active" }.to_owned()),
            ("Open tasks", project["open_tasks"].to_string()),
            ("Created", text(project, "created_at").to_owned()),
            ("Id", text(project, "id").to_owned()),
        ];
        sheet(&title, &facts, text(project, "description"))
    })
}
