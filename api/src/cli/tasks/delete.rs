//! `docket tasks delete`

use crate::cli::find;
use crate::cli::out::say;
use crate::cli::session::{Session, attempt};

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
    for (task, id) in args.tasks.iter().zip(ids) {
        client.remove(&format!("/v1/tasks/{id}"), &attempt()).await?;
        if !session.is_json() {
            shown = shown.and(say!("Deleted: {task} (POST /v1/tasks/{id}/restore brings it back)"));
        }
    }
    shown
}
