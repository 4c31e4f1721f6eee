//! `docket dev`

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use docket_domain::ids::WorkspaceId;
use indicatif::ProgressBar;
use serde::Serialize;

use super::client::{Client, Server};
use super::out::say;
use super::private::write_private;
use super::{cluster, demo, signals};
use crate::auth::token::Format;
use crate::bootstrap::Founding;
use crate::dev::cluster::Links;
use crate::dev::{Servers, default_folder};
use crate::{Config, Docket, limits, migrate, signing, telemetry};

/// Serve with private servers and a demo workspace.
#[derive(clap::Args)]
pub struct Args {
    /// Where the data is kept; a folder of its own unless said otherwise. The same folder continues where it was.
    #[arg(long, env = "DOCKET_DATA", value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// Where the API listens.
    #[arg(long, env = "DOCKET_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR:PORT")]
    pub(super) listen: SocketAddr,
    /// Where Prometheus finds the metrics; a free port unless said otherwise.
    #[arg(long, env = "DOCKET_METRICS_LISTEN", default_value = "127.0.0.1:0", value_name = "ADDR:PORT")]
    metrics_listen: SocketAddr,
    /// Print one line of JSON when ready instead of a welcome: addresses, workspace and keys.
    #[arg(long)]
    pub(super) json: bool,
    /// Add so many realistic tasks to the demo workspace.
    #[arg(long, value_name = "N")]
    fresh_demo: Option<u32>,
    /// Run every part twice, each in a process of its own: PostgreSQL with a standby, three nats-servers, nodes per role.
    #[arg(long, conflicts_with_all = ["fresh_demo", "metrics_listen"])]
    pub(super) cluster: bool,
    /// With --cluster: start no nodes, only the servers they need.
    #[arg(long, requires = "cluster")]
    pub(super) servers_only: bool,
    /// With --cluster: servers reach each other through these ports of 127.0.0.1, the standby the primary through the first.
    /// cluster.json says where each has to lead.
    #[arg(long, requires = "cluster", value_name = "PORT,PORT,PORT,PORT")]
    pub(super) links: Option<Links>,
    #[command(flatten)]
    pub(super) traces: telemetry::Traces,
    #[command(flatten)]
    pub(super) limits: limits::Settings,
}

/// How long the API may take to finish what is under way.
const DRAIN: Duration = Duration::from_millis(500);

pub async fn run(args: Args) -> anyhow::Result<()> {
    if args.cluster {
        return cluster::run(args).await;
    }
    let _traces = telemetry::start(&args.traces)?;
    let shutdown = signals::shutdown()?;
    let data = match args.data.clone() {
        Some(data) => data,
        None => default_folder()?,
    };
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(Duration::from_millis(120));
    let say = |line: &str| spinner.set_message(line.to_owned());
    let servers = tokio::select! {
        servers = Servers::start(&data, &say) => servers?,
        () = shutdown.cancelled() => return Ok(()),
    };
    let served = tokio::select! {
        served = serve(&args, &data, &servers, &spinner, shutdown.clone()) => served,
        why = servers.failed() => Err(anyhow::Error::msg(why)),
    };
    shutdown.cancel();
    servers.stop().await;
    served
}

async fn serve(
    args: &Args,
    data: &Path,
    servers: &Servers,
    spinner: &ProgressBar,
    shutdown: tokio_util::sync::CancellationToken,
) -> anyhow::Result<()> {
    spinner.set_message("migrating the database");
    migrate(servers.database_url()).await?;
    let audit_key = data.join("audit.key");
    signing::read_or_make(&audit_key)?;
    let config = Config {
        audit_key: Some(audit_key),
        metrics_listen: args.metrics_listen,
        limits: args.limits.clone(),
        consumers: servers.consumers().cloned(),
        // Whoever tries them out receives them here.
        webhook_networks: vec![
            "127.0.0.0/8".parse().map_err(anyhow::Error::msg)?,
            "::1/128".parse().map_err(anyhow::Error::msg)?,
        ],
        ..Config::private(servers.database_url().to_owned(), servers.nats_url().to_owned(), args.listen)
    };
    let docket = Docket::start(&config, shutdown.clone()).await?;
    let (api, commands) = docket.api.zip(docket.commands.clone()).context("the API did not start")?;
    let workspace = demo_workspace(data)?;
    workspace.found(&commands).await?;
    let url = format!("http://{api}");
    if let Some(count) = args.fresh_demo {
        spinner.finish_and_clear();
        let key = native_key(&workspace);
        demo::fill(&Client::new(Server { url: url.clone(), key })?, count).await?;
    }
    spinner.finish_and_clear();
    // Whoever started this may not care to read what it says: it serves all the same.
    let hello =
        if args.json { ready(&url, servers, &workspace) } else { welcome(&url, &docket, servers, data, &workspace) };
    let _ = say!("{hello}");
    shutdown.cancelled().await;
    let _ = tokio::time::timeout(DRAIN, docket.wait()).await;
    Ok(())
}

/// The demo workspace of a data folder. Its ids and keys are kept beside the data before anything is written, so a
/// start that is cut short is simply done again.
pub(super) fn demo_workspace(data: &Path) -> anyhow::Result<Founding> {
    let file = data.join("demo.json");
    if let Ok(text) = std::fs::read_to_string(&file) {
        return serde_json::from_str(&text).with_context(|| format!("{} is damaged", file.display()));
    }
    let founding = Founding::draw("Demo", "Demo Owner", "owner@example.com", &Format::ALL);
    write_private(&file, &serde_json::to_string_pretty(&founding)?)
        .with_context(|| format!("can't write {}", file.display()))?;
    Ok(founding)
}

fn key(workspace: &Founding, format: Format) -> String {
    let keys = &workspace.keys;
    keys.iter().find(|key| key.format == format.name()).map(|key| key.token.clone()).unwrap_or_default()
}

/// The key for Docket's own API.
pub(super) fn native_key(workspace: &Founding) -> String {
    key(workspace, Format::Native)
}

/// A key for each API.
pub(super) fn keys(workspace: &Founding) -> impl Serialize + use<> {
    let key = |format| key(workspace, format);
    ReadyKeys {
        native: key(Format::Native),
        ikreo: key(Format::Ikreo),
        krokanti: key(Format::Krokanti),
        pike: key(Format::Pike),
        projekt: key(Format::Projekt),
        generic: key(Format::Generic),
    }
}

fn ready(url: &str, servers: &Servers, workspace: &Founding) -> String {
    let ready = Ready {
        url,
        nats_url: servers.nats_url(),
        consumers_url: consumers_url(servers),
        database_url: servers.database_url(),
        workspace_id: workspace.workspace_id,
        keys: keys(workspace),
    };
    serde_json::to_string(&ready).unwrap_or_default()
}

/// Where consumers come to.
fn consumers_url(servers: &Servers) -> &str {
    servers.consumers().map_or("", |consumers| &consumers.url)
}

/// What a program that started `docket dev --json` needs to know.
#[derive(Serialize)]
struct Ready<'a, K> {
    url: &'a str,
    nats_url: &'a str,
    consumers_url: &'a str,
    database_url: &'a str,
    workspace_id: WorkspaceId,
    keys: K,
}

/// A key with full rights in each product's form.
#[derive(Serialize)]
struct ReadyKeys {
    native: String,
    ikreo: String,
    krokanti: String,
    pike: String,
    projekt: String,
    generic: String,
}

fn welcome(url: &str, docket: &Docket, servers: &Servers, data: &Path, workspace: &Founding) -> String {
    let key = native_key(workspace);
    format!(
        r#"
Docket is ready.

  API        {url}
  Reference  {url}/docs
  NATS       {nats}, for consumers: the key is the token (docs/nats.md)
  Metrics    http://{metrics}/metrics
  Data       {data}
  Key        {key}

Try it:

  export KEY={key}

  curl {url}/v1/me -H "Authorization: Bearer $KEY"

  curl {url}/v1/projects -H "Authorization: Bearer $KEY" \
       -H "Content-Type: application/json" -d '{{"name": "My first project"}}'

  curl {url}/v1/projects -H "Authorization: Bearer $KEY"

Ctrl-C stops it; the same command continues where it was."#,
        nats = consumers_url(servers),
        metrics = docket.metrics,
        data = data.display(),
    )
}
