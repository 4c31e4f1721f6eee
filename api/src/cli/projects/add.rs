//! `docket projects add`

use reqwest::Method;

use super::fields::Fields;
use crate::cli::session::{Session, attempt, text};

#[derive(clap::Args)]
pub struct Args {
    /// Its name.
    name: String,
    #[command(flatten)]
    fields: Fields,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let mut body = args.fields.body(&client).await?;
    body.insert("name".to_owned(), args.name.into());
    let answer = client.change(Method::POST, "/v1/projects", &body.into(), &attempt()).await?;
    session.show(&answer, |project| {
        let (number, long, name) = (&project["number"], text(project, "project_number"), text(project, "name"));
        format!("Added project #{number} ({long}): {name}")
    })
}
