//! `docket audit log`, `history` and `explain`: what happened, as the API tells it.

use serde_json::Value;

use crate::cli::client::Client;
use crate::cli::find;
use crate::cli::out::{note, say};
use crate::cli::session::{Session, text};
use crate::cli::table::Table;

#[derive(clap::Args)]
pub struct Log {
    #[command(flatten)]
    session: Session,
    /// Only what happened to this kind of thing, like `task`.
    #[arg(long)]
    kind: Option<String>,
    /// Only this, like `task.status_changed`.
    #[arg(long = "type")]
    what: Option<String>,
    /// Only what this member did, by name, e-mail address or id, or `me`.
    #[arg(long, value_name = "MEMBER")]
    actor: Option<String>,
    /// Only what was done with the key that has this id.
    #[arg(long = "with-key", value_name = "ID")]
    key_id: Option<String>,
    /// Only what this request did.
    #[arg(long)]
    request: Option<String>,
    /// Only what was committed then or later (RFC 3339).
    #[arg(long)]
    since: Option<String>,
    /// Only what was committed before (RFC 3339).
    #[arg(long)]
    until: Option<String>,
    #[command(flatten)]
    page: Page,
}

#[derive(clap::Args)]
struct Page {
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    /// Go on after the page that ended with this `next_cursor`.
    #[arg(long)]
    cursor: Option<String>,
}

#[derive(clap::Args)]
pub struct History {
    #[command(flatten)]
    session: Session,
    #[command(flatten)]
    of: Resource,
    #[command(flatten)]
    page: Page,
}

#[derive(clap::Args)]
pub struct Explain {
    #[command(flatten)]
    session: Session,
    #[command(flatten)]
    of: Resource,
    /// The field, like `status`.
    field: String,
}

#[derive(clap::Args)]
struct Resource {
    /// What kind of resource, like `tasks`.
    resource: String,
    /// Its id; of tasks, projects and members also what else they are known by.
    id: String,
}

impl Resource {
    async fn path(&self, client: &Client) -> anyhow::Result<String> {
        let id = match self.resource.as_str() {
            "tasks" => find::task(client, &self.id).await?,
            "projects" => find::project(client, &self.id).await?,
            "members" => find::member(client, &self.id).await?,
            _ => self.id.clone(),
        };
        Ok(format!("/v1/{}/{id}", self.resource))
    }
}

impl Page {
    fn query(self) -> impl Iterator<Item = (&'static str, String)> {
        std::iter::once(("limit", self.limit.to_string())).chain(self.cursor.map(|cursor| ("cursor", cursor)))
    }
}

pub async fn log(args: Log) -> anyhow::Result<()> {
    let client = args.session.client()?;
    let actor = match args.actor {
        Some(actor) => Some(find::member(&client, &actor).await?),
        None => None,
    };
    let filters = [
        ("kind", args.kind),
        ("type", args.what),
        ("actor_id", actor),
        ("key_id", args.key_id),
        ("request_id", args.request),
        ("recorded_at[gte]", args.since),
        ("recorded_at[lt]", args.until),
    ];
    let filters = filters.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let query: Vec<_> = filters.chain(args.page.query()).collect();
    show(&args.session, &client, "/v1/audit", &query).await
}

pub async fn history(args: History) -> anyhow::Result<()> {
    let client = args.session.client()?;
    let path = format!("{}/history", args.of.path(&client).await?);
    show(&args.session, &client, &path, &args.page.query().collect::<Vec<_>>()).await
}

async fn show(session: &Session, client: &Client, path: &str, query: &[(&'static str, String)]) -> anyhow::Result<()> {
    let answer = client.read(path, query).await?;
    if session.is_json() {
        return say!("{}", answer.text);
    }
    let page: Value = answer.json()?;
    let mut table = Table::new(["#", "when", "who", "what", "changes"]);
    for event in page["data"].as_array().into_iter().flatten() {
        let of = |member: &str| text(event, member).to_owned();
        table.row([event["position"].to_string(), of("recorded_at"), who(event), of("type"), changes(event)]);
    }
    table.print()?;
    if let Some(cursor) = page["next_cursor"].as_str() {
        note!("There is more: --cursor {cursor}");
    }
    Ok(())
}

pub async fn explain(args: Explain) -> anyhow::Result<()> {
    let client = args.session.client()?;
    let path = format!("{}/explain", args.of.path(&client).await?);
    let answer = client.read(&path, &[("field", args.field)]).await?;
    args.session.show(&answer, |told| {
        let event = &told["event"];
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let did = |step: &Value| {
            let mut did: Vec<_> = list(&step["events"]).iter().map(|one| text(one, "type").to_owned()).collect();
            did.extend(more(step));
            did.join(", ")
        };
        let chain = list(&told["chain"]);
        let mut facts = vec![
            format!("{} is {}", text(told, "field"), told["value"]),
            format!("since {}, by {} at position {}", text(event, "recorded_at"), who(event), event["position"]),
            format!("because of {}: {}", text(event, "type"), changes(event)),
            format!(
                "in request {}, which did {}",
                text(event, "request_id"),
                chain.first().map(did).unwrap_or_default()
            ),
        ];
        facts.extend(chain.iter().skip(1).map(|step| {
            let first = &step["events"][0];
            format!("because of what {} did at position {}: {}", who(first), first["position"], did(step))
        }));
        facts.extend(more(told).map(|more| format!("because of {more}")));
        facts.join("\n")
    })
}

/// Says that something has more than is told.
fn more(of: &Value) -> Option<String> {
    (of["has_more"] == true).then(|| "more that is not told here".to_owned())
}

fn who(event: &Value) -> String {
    let actor = &event["actor"];
    format!("{} {}", text(actor, "type"), text(actor, "id")).trim_end().to_owned()
}

/// What it changed; where only what it says is known, that.
fn changes(event: &Value) -> String {
    match event["changes"].as_array() {
        None => event["data"].to_string(),
        Some(changes) => {
            let change = |one: &Value| format!("{}: {} → {}", text(one, "field"), one["from"], one["to"]);
            changes.iter().map(change).collect::<Vec<_>>().join("; ")
        }
    }
}
