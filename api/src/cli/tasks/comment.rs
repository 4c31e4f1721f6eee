//! `docket tasks comment`

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::find;
use crate::cli::out::{harmless, say};
use crate::cli::session::{Session, attempt, text};

#[derive(clap::Args)]
pub struct Args {
    /// Its number, like 142, or its id.
    task: String,
    /// What to say, in Markdown; without it, what was said is shown.
    body: Option<String>,
}

pub async fn run(session: &Session, args: Args) -> anyhow::Result<()> {
    let client = session.client()?;
    let path = format!("/v1/tasks/{}/comments", find::task(&client, &args.task).await?);
    if let Some(body) = args.body {
        let answer = client.change(Method::POST, &path, &json!({"body": body}), &attempt()).await?;
        return session.show(&answer, |_| format!("Said on task {}", args.task));
    }
    let answer = client.read(&path, &[("sort", "created_at".to_owned()), ("limit", "200".to_owned())]).await?;
    if session.is_json() {
        return say!("{}", answer.text);
    }
    let page: Value = answer.json()?;
    let comments = page["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    let authors: BTreeSet<&str> = comments.iter().map(|comment| text(&comment["author"], "id")).collect();
    let names = find::names(&client, "/v1/members", authors).await?;
    comments.iter().try_for_each(|comment| {
        let author = names.get(text(&comment["author"], "id")).map_or("", String::as_str);
        let said = format!("{author}, {}\n{}\n", text(comment, "created_at"), text(comment, "body"));
        say!("{}", harmless(&said))
    })
}
