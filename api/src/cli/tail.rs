//! `docket tail`

use std::time::Duration;

use serde_json::Value;

use super::client::Refused;
use super::out;
use super::session::Session;

/// Show what happens in the workspace.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    session: Session,
    /// Go on as things happen, until interrupted.
    #[arg(long, short)]
    follow: bool,
    /// Begin after this position: the one that was shown last, or 0 for all there ever was.
    #[arg(long, default_value = "0", value_name = "POSITION")]
    after: String,
    /// Only of these kinds of resources, joined by commas.
    #[arg(long, value_name = "KINDS")]
    kinds: Option<String>,
}

/// Seconds to wait for something to happen.
const WAIT: &str = "20";
/// How long to wait for a server that was there and is not.
const AGAIN: Duration = Duration::from_secs(1);

pub async fn run(args: Args) -> anyhow::Result<()> {
    let client = args.session.client()?;
    let mut after = args.after;
    let (mut has_heard, mut is_waiting) = (false, false);
    loop {
        let mut query = vec![("after", after.clone()), ("limit", "500".to_owned())];
        query.extend(args.kinds.clone().map(|kinds| ("kinds", kinds)));
        query.extend(args.follow.then(|| ("wait", WAIT.to_owned())));
        let page: Value = match client.read("/v1/changes", &query).await {
            Ok(answer) => answer.json()?,
            Err(error) if has_heard && args.follow && may_pass(&error) => {
                if !std::mem::replace(&mut is_waiting, true) {
                    out::note!("{error:#}\nGoing on from {after} when it does.");
                }
                tokio::time::sleep(AGAIN).await;
                continue;
            }
            Err(error) => return Err(error),
        };
        (has_heard, is_waiting) = (true, false);
        for event in page["data"].as_array().into_iter().flatten() {
            if args.session.is_json() {
                out::say!("{event}")?;
            } else {
                out::say!("{}", out::harmless(&line(event)))?;
            }
        }
        page["position"].as_str().unwrap_or_default().clone_into(&mut after);
        if page["has_more"] == false && !args.follow {
            return Ok(());
        }
    }
}

/// Whether it is the server that is away or at fault, not the question.
fn may_pass(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refused>().is_none_or(|refused| refused.status.is_server_error())
}

/// One event: where, when, what, and what of it changed.
fn line(event: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (data, number) = (&event["data"], &event["data"]["resource"]["number"]);
    let changed = if data["before"].is_object() { data["after"].to_string() } else { String::new() };
    let title = ["title", "name", "label"].iter().find_map(|name| data["state"][*name].as_str()).unwrap_or_default();
    let parts = [
        text(&event["id"]),
        text(&event["time"]),
        text(&event["type"]),
        format!("#{number}"),
        title.to_owned(),
        changed,
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}
