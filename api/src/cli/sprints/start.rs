//! `docket sprints start`

use reqwest::Method;
use serde_json::json;

use super::told;
use crate::cli::find;
use crate::cli::session::{Session, attempt};

#[derive(clap::Args)]
pub struct Args {
    /// Its name, number or id.
    sprint: String,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let path = format!("/v1/sprints/{}/start", find::sprint(&client, &args.sprint).await?);
    let answer = client.change(Method::POST, &path, &json!({}), &attempt()).await?;
    session.show(&answer, |sprint| told("Started", sprint))
}
