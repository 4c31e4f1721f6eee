//! The command line.

mod client;
mod demo;
mod dev;
mod import;
mod migrate;
mod projections;
mod serve;
mod signals;
mod upload;
mod workspace;

use clap::{Parser, Subcommand};

/// A project-management backend whose history is its database.
#[derive(Parser)]
#[command(name = "docket", version, arg_required_else_help = true, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve with private servers and a demo workspace: for trying out and developing against.
    Dev(dev::Args),
    /// Serve with a given PostgreSQL and NATS: for production.
    Serve(crate::Config),
    /// Bring a database up to this version's schema; run it before `serve`, and again after each upgrade.
    Migrate(migrate::Args),
    /// Set up workspaces.
    #[command(subcommand)]
    Workspace(workspace::Command),
    /// Look after the read models: list, rebuild, parked events.
    #[command(subcommand)]
    Projections(projections::Command),
    /// Bring work in from elsewhere, through the public API.
    #[command(subcommand)]
    Import(import::Command),
}

impl Cli {
    /// Does what the command line says.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Dev(args) => dev::run(args).await,
            Command::Serve(config) => serve::run(config).await,
            Command::Migrate(args) => migrate::run(args).await,
            Command::Workspace(command) => workspace::run(command).await,
            Command::Projections(command) => projections::run(command).await,
            Command::Import(command) => import::run(command).await,
        }
    }
}
