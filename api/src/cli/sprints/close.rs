//! `docket sprints close`

use reqwest::Method;
use serde_json::json;

use super::told;
use crate::cli::find;
use crate::cli::session::{Session, attempt};

#[derive(clap::Args)]
pub struct Args {
    /// Its name, number or id.
    sprint: String,
    #[command(flatten)]
    open: Open,
}

/// What becomes of its open tasks.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Open {
    /// Its open tasks stay in it.
    #[arg(long)]
    keep: bool,
    /// Its open tasks leave it, for none.
    #[arg(long)]
    remove: bool,
    /// Its open tasks move to this sprint.
    #[arg(long, value_name = "SPRINT")]
    move_to: Option<String>,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let path = format!("/v1/sprints/{}/close", find::sprint(&client, &args.sprint).await?);
    let body = match args.open.move_to {
        Some(to) => json!({"open_tasks": "move", "move_to": find::sprint(&client, &to).await?}),
        None if args.open.keep => json!({"open_tasks": "keep"}),
        None => json!({"open_tasks": "remove"}),
    };
    let answer = client.change(Method::POST, &path, &body, &attempt()).await?;
    session.show(&answer, |sprint| told("Closed", sprint))
}
