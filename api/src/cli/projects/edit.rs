//! `docket projects edit`

use anyhow::ensure;
use reqwest::Method;

use super::fields::Fields;
use crate::cli::find;
use crate::cli::session::{Session, attempt, text};

#[derive(clap::Args)]
pub struct Args {
    /// Its number, like 3 or 2026-0003, its name, code or id.
    project: String,
    /// A new name.
    #[arg(long)]
    name: Option<String>,
    /// Whether it takes no new tasks any more.
    #[arg(long, value_name = "YES")]
    archived: Option<bool>,
    #[command(flatten)]
    fields: Fields,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let mut body = args.fields.body(&client).await?;
    body.extend(args.name.map(|name| ("name".to_owned(), name.into())));
    body.extend(args.archived.map(|archived| ("archived".to_owned(), archived.into())));
    ensure!(!body.is_empty(), "nothing to change: say what, like --due friday (--help lists it all)");
    let path = format!("/v1/projects/{}", find::project(&client, &args.project).await?);
    let answer = client.change(Method::PATCH, &path, &body.into(), &attempt()).await?;
    session.show(&answer, |project| format!("Changed project #{}: {}", project["number"], text(project, "name")))
}
