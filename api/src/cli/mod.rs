//! The command line.

mod account;
mod audit;
mod backup;
pub mod client;
mod cluster;
mod completions;
mod consumers;
mod day;
pub mod demo;
mod dev;
mod export;
mod find;
pub mod import;
mod keys;
mod login;
mod migrate;
mod names;
mod out;
mod pages;
pub(crate) mod private;
mod profile;
mod projections;
mod projects;
mod serve;
mod session;
mod signals;
mod sprints;
mod table;
mod tail;
mod tasks;
mod timer;
mod upload;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use docket_domain::audit::Failure;

/// Says so if bugs can be planted in this program.
const VERSION: &str = if cfg!(feature = "failpoints") {
    concat!(env!("CARGO_PKG_VERSION"), ", with failpoints: not for use")
} else {
    env!("CARGO_PKG_VERSION")
};

/// A project-management backend whose history is its database.
#[derive(Parser)]
#[command(name = "docket", version = VERSION, arg_required_else_help = true, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve with private servers and a demo workspace: for trying out and developing against.
    Dev(dev::Args),
    /// Serve with a given PostgreSQL and NATS: for production.
    Serve(Box<crate::Config>),
    /// Bring a database up to this version's schema; run it before `serve`, and again after each upgrade.
    Migrate(migrate::Args),
    /// Set up workspaces.
    #[command(subcommand)]
    Workspace(workspace::Command),
    /// Look after the read models: list, rebuild, parked events.
    #[command(subcommand)]
    Projections(projections::Command),
    /// Prove that a history is unaltered: export it, check it offline, look after the signing keys.
    #[command(subcommand)]
    Audit(audit::Command),
    Backup(backup::Backup),
    Restore(backup::Restore),
    /// Let consumers in over NATS.
    #[command(subcommand)]
    Consumers(consumers::Command),
    /// Bring work in from elsewhere, through the public API.
    #[command(subcommand)]
    Import(import::Command),
    Login(login::Login),
    Logout(login::Logout),
    Profiles(login::List),
    Tasks(tasks::Args),
    Projects(projects::Args),
    Sprints(sprints::Args),
    Timer(timer::Args),
    Keys(keys::Args),
    Tail(tail::Args),
    Export(export::Args),
    Completions(completions::Args),
}

/// Does what the command line says, and tells how that went.
pub async fn run() -> ExitCode {
    match Box::pin(Cli::parse().run()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<out::Closed>() => ExitCode::SUCCESS,
        Err(error) => {
            out::note!("docket: {error:#}");
            // What is wrong with a history can be told by programs too.
            error.downcast_ref::<Failure>().map_or(ExitCode::FAILURE, |failure| failure.exit_code().into())
        }
    }
}

impl Cli {
    async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Dev(args) => dev::run(args).await,
            Command::Serve(config) => serve::run(*config).await,
            Command::Migrate(args) => migrate::run(args).await,
            Command::Workspace(command) => workspace::run(command).await,
            Command::Projections(command) => projections::run(command).await,
            Command::Audit(command) => audit::run(command).await,
            Command::Backup(args) => backup::backup(args).await,
            Command::Restore(args) => backup::restore(args).await,
            Command::Import(command) => import::run(command).await,
            Command::Login(args) => login::login(args).await,
            Command::Logout(args) => login::logout(&args),
            Command::Profiles(args) => login::list(&args),
            Command::Tasks(args) => tasks::run(args).await,
            Command::Projects(args) => projects::run(args).await,
            Command::Sprints(args) => sprints::run(args).await,
            Command::Timer(args) => timer::run(args).await,
            Command::Keys(args) => keys::run(args).await,
            Command::Tail(args) => tail::run(args).await,
            Command::Consumers(command) => consumers::run(command),
            Command::Export(args) => export::run(args).await,
            Command::Completions(args) => completions::run(&args),
        }
    }
}
