//! `docket workspace create`

use docket_commands::Commands;

use super::out::say;
use crate::auth::token::Format;
use crate::bootstrap::Founding;
use crate::config::Database;

/// Set up workspaces.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Create a workspace with its owner, and print the owner's key: the only time it is shown.
    Create(Create),
}

/// A new workspace.
#[derive(clap::Args)]
pub struct Create {
    #[command(flatten)]
    database: Database,
    /// Its name.
    #[arg(long)]
    name: String,
    /// The owner's name.
    #[arg(long)]
    owner_name: String,
    /// The owner's e-mail address.
    #[arg(long)]
    owner_email: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: Command) -> anyhow::Result<()> {
    let Command::Create(args) = command;
    let commands = Commands::open(&args.database.database_url, &docket_commands::Config::default()).await?;
    let founding = Founding::draw(&args.name, &args.owner_name, &args.owner_email, &[Format::Native]);
    founding.found(&commands).await?;
    let key = founding.keys.first().map(|key| key.token.as_str()).unwrap_or_default();
    if args.json {
        say!(
            "{}",
            serde_json::json!({"workspace_id": founding.workspace_id, "owner_id": founding.owner_id, "key": key})
        )?;
    } else {
        say!(
            "Workspace {}\nOwner     {}\nKey       {key}\n\nThe key is shown only now.",
            founding.workspace_id,
            founding.owner_id
        )?;
    }
    Ok(())
}
