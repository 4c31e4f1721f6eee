//! `docket tasks show`

use crate::cli::find;
use crate::cli::names::Names;
use crate::cli::session::{Session, sheet, text};

#[derive(clap::Args)]
pub struct Args {
    /// Its number, like 142, or its id.
    task: String,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let id = find::task(&client, &args.task).await?;
    let answer = client.read(&format!("/v1/tasks/{id}"), &[]).await?;
    let names = if session.is_json() { Names::default() } else { Names::of(&client, &[answer.json()?]).await? };
    session.show(&answer, |task| {
        let facts = [
            ("Project", names.project(task)),
            ("Status", text(task, "status").to_owned()),
            ("Priority", text(task, "priority").to_owned()),
            ("Start", text(task, "start_date").to_owned()),
            ("Due", text(task, "due_date").to_owned()),
            ("Assignees", names.assignees(task)),
            ("Labels", names.labels(task)),
            ("Created", text(task, "created_at").to_owned()),
            ("Changed", text(task, "updated_at").to_owned()),
            ("Known as", text(task, "external_id").to_owned()),
            ("Id", text(task, "id").to_owned()),
        ];
        sheet(&format!("#{}  {}", task["number"], text(task, "title")), &facts, text(task, "description"))
    })
}
