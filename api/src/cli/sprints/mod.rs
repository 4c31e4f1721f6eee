//! `docket sprints`

mod add;
mod close;
mod list;
mod start;

use super::session::{Session, text};

/// Work with sprints.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    session: Session,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List sprints, newest first.
    List(list::Args),
    /// Add a sprint.
    Add(add::Args),
    /// Start a sprint.
    Start(start::Args),
    /// Close a sprint, and say what becomes of its open tasks.
    Close(close::Args),
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let session = args.session;
    match args.command {
        Command::List(args) => list::run(&session, args).await,
        Command::Add(args) => add::run(&session, args).await,
        Command::Start(args) => start::run(&session, args).await,
        Command::Close(args) => close::run(&session, args).await,
    }
}

/// A sprint, and what has become of it.
fn told(what: &str, sprint: &serde_json::Value) -> String {
    format!("{what} sprint #{}: {}", sprint["number"], text(sprint, "name"))
}
