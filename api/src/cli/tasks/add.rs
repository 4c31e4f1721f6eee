//! `docket tasks add`

use reqwest::Method;

use super::fields::Fields;
use crate::cli::find;
use crate::cli::session::{Session, attempt, text};

#[derive(clap::Args)]
pub struct Args {
    /// One line that says what is to be done.
    title: String,
    /// The project it belongs to, by number, name or id.
    #[arg(long, short)]
    project: String,
    #[command(flatten)]
    fields: Fields,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let mut body = args.fields.body(&client).await?;
    body.insert("title".to_owned(), args.title.into());
    body.insert("project_id".to_owned(), find::project(&client, &args.project).await?.into());
    let answer = client.change(Method::POST, "/v1/tasks", &body.into(), &attempt()).await?;
    session.show(&answer, |task| format!("Added task #{}: {}", task["number"], text(task, "title")))
}
