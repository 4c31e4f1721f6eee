//! `docket tasks done`

use reqwest::Method;
use serde_json::json;

use crate::cli::find;
use crate::cli::session::{Session, attempt, text};

#[derive(clap::Args)]
pub struct Args {
    /// Their numbers, like 142, or ids.
    #[arg(required = true)]
    tasks: Vec<String>,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let ids = find::tasks(&client, &args.tasks).await?;
    // A reader that has seen enough of what is said does not undo what is asked.
    let mut shown = Ok(());
    for id in ids {
        let path = format!("/v1/tasks/{id}");
        let answer = client.change(Method::PATCH, &path, &json!({"status": "done"}), &attempt()).await?;
        let said = session.show(&answer, |task| format!("Done: #{} {}", task["number"], text(task, "title")));
        shown = shown.and(said);
    }
    shown
}
