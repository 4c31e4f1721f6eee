//! `docket keys`

use chrono::{DateTime, Local, NaiveTime, SecondsFormat, TimeZone, Utc};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::client::Answer;
use super::day::Day;
use super::find;
use super::out::{note, say};
use super::session::{Session, attempt, text};
use super::table::Table;

/// Look after API keys.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    session: Session,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List keys, with when they were last used.
    List(List),
    /// Mint a key and print its token, which nobody will see again.
    Mint(Mint),
    /// Mint a key that may do the same, print its token, and let the old one end.
    Rotate(Rotate),
    /// End keys, at once and for good.
    Revoke(Revoke),
}

#[derive(clap::Args)]
struct List {
    /// How many at most.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    /// Go on after the page that ended with this `next_cursor`.
    #[arg(long)]
    cursor: Option<String>,
}

#[derive(clap::Args)]
struct Mint {
    /// What it is for.
    label: String,
    /// What it may do, like tasks:read; several joined by commas.
    #[arg(long = "scope", required = true, value_delimiter = ',', value_name = "SCOPE")]
    scopes: Vec<String>,
    /// In which product's form its token is: native, ikreo, krokanti, pike, projekt or generic.
    #[arg(long)]
    format: Option<String>,
    /// For whom it acts: a member's name, e-mail address or id; you, unless said otherwise.
    #[arg(long, conflicts_with = "service_role")]
    member: Option<String>,
    /// Make it a key of the workspace itself, with this role.
    #[arg(long, value_name = "ROLE")]
    service_role: Option<String>,
    /// The last day on which it works, like 2026-12-01 or +3m.
    #[arg(long, value_name = "DAY")]
    until: Option<Day>,
}

#[derive(clap::Args)]
struct Rotate {
    /// Its number, like 7, its label or its id.
    // Not `key`: clap would take it for the key that is used.
    #[arg(value_name = "KEY")]
    old: String,
    /// The last day on which the old one works; without this, it ends at once.
    #[arg(long, value_name = "DAY")]
    old_until: Option<Day>,
}

#[derive(clap::Args)]
struct Revoke {
    /// Their numbers, like 7, labels or ids.
    #[arg(required = true)]
    keys: Vec<String>,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let session = args.session;
    match args.command {
        Command::List(args) => list(&session, args).await,
        Command::Mint(args) => mint(&session, args).await,
        Command::Rotate(args) => rotate(&session, args).await,
        Command::Revoke(args) => revoke(&session, args).await,
    }
}

async fn list(session: &Session, args: List) -> anyhow::Result<()> {
    let mut query = vec![("limit", args.limit.to_string()), ("expand", "member".to_owned())];
    query.extend(args.cursor.map(|cursor| ("cursor", cursor)));
    let answer = session.client()?.read("/v1/keys", &query).await?;
    if session.is_json() {
        return say!("{}", answer.text);
    }
    let page: Value = answer.json()?;
    let mut table = Table::new(["#", "begins with", "for", "state", "last used", "label"]);
    for key in page["data"].as_array().into_iter().flatten() {
        let whose = key["member"]["name"].as_str().unwrap_or("the workspace").to_owned();
        let last = key["last_used_at"].as_str().map_or("", |at| at.get(..16).unwrap_or(at)).replace('T', " ");
        let (kid, label) = (text(key, "kid").to_owned(), text(key, "label").to_owned());
        table.row([key["number"].to_string(), kid, whose, state(key, Utc::now()), last, label]);
    }
    table.print_page(&page)
}

/// Whether a key works.
fn state(key: &Value, now: DateTime<Utc>) -> String {
    let expires_at = key["expires_at"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    match (key["revoked_at"].is_null(), expires_at) {
        (false, _) => "revoked".to_owned(),
        (true, None) => "works".to_owned(),
        (true, Some(at)) if at <= now => "expired".to_owned(),
        (true, Some(at)) => format!("until {}", at.with_timezone(&Local).format("%Y-%m-%d %H:%M")),
    }
}

async fn mint(session: &Session, args: Mint) -> anyhow::Result<()> {
    let client = session.client()?;
    let mut body = Map::from_iter([("label".to_owned(), args.label.into()), ("scopes".to_owned(), args.scopes.into())]);
    let mut put = |name: &str, value: Option<String>| value.map(|value| body.insert(name.to_owned(), value.into()));
    put("format", args.format);
    put("service_role", args.service_role);
    put("expires_at", args.until.and_then(end_of));
    if let Some(member) = args.member {
        put("member_id", Some(find::member(&client, &member).await?));
    }
    let answer = client.change(Method::POST, "/v1/keys", &body.into(), &attempt()).await?;
    show_token(session, &answer, "Minted")
}

async fn rotate(session: &Session, args: Rotate) -> anyhow::Result<()> {
    let client = session.client()?;
    let path = format!("/v1/keys/{}/rotate", find::key(&client, &args.old).await?);
    let body = args.old_until.and_then(end_of).map_or(json!({}), |until| json!({"old_works_until": until}));
    let answer = client.change(Method::POST, &path, &body, &attempt()).await?;
    show_token(session, &answer, "Rotated: the new one is")
}

/// The token alone on standard output, so that it can be kept by whoever asked for it.
fn show_token(session: &Session, answer: &Answer, what: &str) -> anyhow::Result<()> {
    if session.is_json() {
        return say!("{}", answer.text);
    }
    let key: Value = answer.json()?;
    note!("{what} key #{} ({}). Keep its token now: nobody will see it again.", key["number"], text(&key, "label"));
    match key["token"].as_str() {
        Some(token) => say!("{token}"),
        // The answer to the first try was lost, and the token with it.
        None => anyhow::bail!("the answer with the token got lost: revoke key #{} and try again", key["number"]),
    }
}

async fn revoke(session: &Session, args: Revoke) -> anyhow::Result<()> {
    let client = session.client()?;
    let mut ids = Vec::with_capacity(args.keys.len());
    for key in &args.keys {
        ids.push(find::key(&client, key).await?);
    }
    // A reader that has seen enough of what is said does not undo what is asked.
    let mut shown = Ok(());
    for id in ids {
        let path = format!("/v1/keys/{id}");
        let key = client.get(&path).await?;
        client.remove(&path, &attempt()).await?;
        if !session.is_json() {
            shown = shown.and(say!("Revoked: #{} {}", key["number"], super::out::harmless(text(&key, "label"))));
        }
    }
    shown
}

/// The end of a day, here.
fn end_of(day: Day) -> Option<String> {
    let midnight = day.0?.succ_opt()?.and_time(NaiveTime::MIN);
    // Where clocks skip midnight, an hour later.
    let end = Local.from_local_datetime(&midnight).earliest().map_or_else(|| midnight.and_utc(), |at| at.to_utc());
    Some(end.to_rfc3339_opts(SecondsFormat::Secs, true))
}
