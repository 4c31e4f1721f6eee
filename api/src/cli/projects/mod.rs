//! `docket projects`

mod add;
mod edit;
mod fields;
mod list;
mod show;

use serde_json::Value;

use super::session::{Session, text};

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
    List(list::Args),
    /// Add a project.
    Add(add::Args),
    /// Show a project.
    Show(show::Args),
    /// Change a project: only what is named.
    Edit(edit::Args),
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let session = args.session;
    match args.command {
        Command::List(args) => list::run(&session, args).await,
        Command::Add(args) => add::run(&session, args).await,
        Command::Show(args) => show::run(&session, args).await,
        Command::Edit(args) => edit::run(&session, args).await,
    }
}

/// The state it is in, for people.
fn status(project: &Value) -> String {
    let archived = if project["archived"] == true { ", archived" } else { "" };
    format!("{}{archived}", text(project, "status"))
}
