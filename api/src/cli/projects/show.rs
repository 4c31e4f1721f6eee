//! `docket projects show`

use serde_json::Value;

use super::status;
use crate::cli::client::{Answer, Client, Refused};
use crate::cli::find;
use crate::cli::session::{Session, sheet, text};

#[derive(clap::Args)]
pub struct Args {
    /// Its number, like 3 or 2026-0003, its name, code or id.
    project: String,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let path = format!("/v1/projects/{}", find::project(&client, &args.project).await?);
    let answer = if session.is_json() { client.read(&path, &[]).await? } else { named(&client, &path).await? };
    session.show(&answer, |project| {
        let of = |field: &str| text(project, field).to_owned();
        let billable = match project["billable"].as_bool() {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        let facts = [
            ("Number", of("project_number")),
            ("Code", of("code")),
            ("Status", status(project)),
            ("Start", of("start_date")),
            ("Due", of("due_date")),
            ("Lead", text(&project["lead"], "name").to_owned()),
            ("Members", names(&project["members"])),
            ("Team", text(&project["team"], "name").to_owned()),
            ("Space", text(&project["space"], "name").to_owned()),
            ("Customer", text(&project["customer"], "name").to_owned()),
            ("Billable", billable.to_owned()),
            ("Phases", names(&project["phases"])),
            ("Open tasks", project["open_tasks"].to_string()),
            ("Created", of("created_at")),
            ("Id", of("id")),
        ];
        sheet(&format!("#{}  {}", project["number"], text(project, "name")), &facts, text(project, "description"))
    })
}

/// The project with the names of what it refers to, as far as the key may see them.
async fn named(client: &Client, path: &str) -> anyhow::Result<Answer> {
    let wide = client.read(path, &[("expand", "lead,members,team,space,customer".to_owned())]).await;
    match wide {
        Err(error) if error.downcast_ref::<Refused>().is_some_and(Refused::is_forbidden) => {
            client.read(path, &[]).await
        }
        answer => answer,
    }
}

fn names(several: &Value) -> String {
    let several = several.as_array().into_iter().flatten();
    several.map(|one| text(one, "name")).collect::<Vec<_>>().join(", ")
}
