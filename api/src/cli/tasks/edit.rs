//! `docket tasks edit`

use anyhow::ensure;
use reqwest::Method;

use super::fields::Fields;
use crate::cli::find;
use crate::cli::session::{Session, attempt, text};

#[derive(clap::Args)]
pub struct Args {
    /// Its number, like 142, or its id.
    task: String,
    /// A new title.
    #[arg(long)]
    title: Option<String>,
    /// Move it to this project.
    #[arg(long, short)]
    project: Option<String>,
    #[command(flatten)]
    fields: Fields,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let mut body = args.fields.body(&client).await?;
    if let Some(title) = args.title {
        body.insert("title".to_owned(), title.into());
    }
    if let Some(project) = args.project {
        body.insert("project_id".to_owned(), find::project(&client, &project).await?.into());
    }
    ensure!(!body.is_empty(), "nothing to change: say what, like --due friday (--help lists it all)");
    let path = format!("/v1/tasks/{}", find::task(&client, &args.task).await?);
    let answer = client.change(Method::PATCH, &path, &body.into(), &attempt()).await?;
    session.show(&answer, |task| format!("Changed task #{}: {}", task["number"], text(task, "title")))
}
