//! `docket login`, `docket logout`, `docket profiles`

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context, ensure};
use console::Term;
use serde_json::{Value, json};

use super::account::{Account, DEFAULT_URL};
use super::client::{Client, Server};
use super::out::{harmless, say};
use super::profile::Profiles;
use super::table::Table;

/// Remember a server and a key, so that other commands need neither.
///
/// Asks for what isn't given. Where nobody can be asked, the key is the first line of standard input.
#[derive(clap::Args)]
pub struct Login {
    #[command(flatten)]
    account: Account,
}

/// Forget a profile's key. The key itself goes on working until it is revoked.
#[derive(clap::Args)]
pub struct Logout {
    #[command(flatten)]
    account: Account,
}

/// List the profiles.
#[derive(clap::Args)]
pub struct List {
    #[command(flatten)]
    account: Account,
    /// Print JSON, without the keys.
    #[arg(long)]
    json: bool,
}

pub async fn login(args: Login) -> anyhow::Result<()> {
    let account = args.account;
    let url = match account.url() {
        Some(url) => url.to_owned(),
        None => ask_url()?,
    };
    let url = checked(&url)?;
    let key = match account.key() {
        Some(key) => key.to_owned(),
        None => ask_key()?,
    };
    ensure!(!key.is_empty(), "no key was given: an admin of the workspace can mint one");
    let server = Server { url, key };
    let me = Client::for_a_person(server.clone())?.get("/v1/me").await?;
    let mut profiles = Profiles::load()?;
    profiles.set(account.profile(), server.clone());
    profiles.save()?;
    say!("Logged in to {} as {} (profile {}).", server.url, harmless(&who(&me)), account.profile())
}

pub fn logout(args: &Logout) -> anyhow::Result<()> {
    let mut profiles = Profiles::load()?;
    let name = args.account.profile();
    ensure!(profiles.remove(name), "there is no profile {name}: `docket profiles` lists them");
    profiles.save()?;
    say!("Forgot profile {name}. Its key goes on working until it is revoked.")
}

pub fn list(args: &List) -> anyhow::Result<()> {
    let profiles = Profiles::load()?;
    let is_used = |name: &str| name == args.account.profile();
    if args.json {
        let one = |(name, server): (&String, &Server)| json!({"name": name, "url": server.url, "used": is_used(name)});
        return say!("{}", Value::Array(profiles.iter().map(one).collect()));
    }
    let mut table = Table::new(["used", "name", "server"]);
    for (name, server) in profiles.iter() {
        table.row([if is_used(name) { "*" } else { "" }.to_owned(), name.clone(), server.url.clone()]);
    }
    table.print()
}

/// Whose key it is.
fn who(me: &Value) -> String {
    let role = me["role"].as_str().unwrap_or_default();
    let name = me["member"]["name"].as_str().or(me["key"]["label"].as_str()).unwrap_or("somebody");
    format!("{name}, {role}")
}

fn checked(url: &str) -> anyhow::Result<String> {
    let read = reqwest::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    read.with_context(|| format!("{url} is no address: say https://host or {DEFAULT_URL}"))?;
    Ok(url.trim_end_matches('/').to_owned())
}

fn ask_url() -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        return Ok(DEFAULT_URL.to_owned());
    }
    let said = ask(&format!("Server [{DEFAULT_URL}]: "))?;
    Ok(if said.is_empty() { DEFAULT_URL.to_owned() } else { said })
}

fn ask_key() -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        return read_line();
    }
    write!(std::io::stderr(), "API key (not shown): ")?;
    Ok(Term::stderr().read_secure_line()?.trim().to_owned())
}

/// Asks on the terminal, and answers the line that was typed.
pub fn ask(question: &str) -> anyhow::Result<String> {
    write!(std::io::stderr(), "{question}")?;
    read_line()
}

fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}
