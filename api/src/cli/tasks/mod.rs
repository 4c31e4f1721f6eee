//! `docket tasks`

mod add;
mod comment;
mod delete;
mod done;
mod edit;
mod fields;
mod list;
mod show;

use super::session::Session;
pub use list::Filter;

/// Work with tasks.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    session: Session,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List tasks, newest first.
    List(list::Args),
    /// Add a task.
    Add(add::Args),
    /// Show a task.
    Show(show::Args),
    /// Change a task: only what is named.
    Edit(edit::Args),
    /// Set tasks to done.
    Done(done::Args),
    /// Say something about a task, or show what was said.
    Comment(comment::Args),
    /// Delete tasks.
    Delete(delete::Args),
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let session = args.session;
    match args.command {
        Command::List(args) => list::run(&session, args).await,
        Command::Add(args) => add::run(&session, args).await,
        Command::Show(args) => show::run(&session, args).await,
        Command::Edit(args) => edit::run(&session, args).await,
        Command::Done(args) => done::run(&session, args).await,
        Command::Comment(args) => comment::run(&session, args).await,
        Command::Delete(args) => delete::run(&session, args).await,
    }
}
