//! `docket dev --cluster`

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context;
use docket_commands::Commands;
use indicatif::ProgressBar;
use tokio_util::sync::CancellationToken;

use super::dev::{self, Args};
use super::out::say;
use super::signals;
use crate::bootstrap::Founding;
use crate::dev::cluster::{Cluster, Node, State, default_cluster_folder, free_ports};
use crate::{migrate, signing, telemetry};

/// What runs beside the servers: every role twice.
const NODES: [(&str, &str); 6] = [
    ("api-1", "api"),
    ("api-2", "api"),
    ("relay-1", "relay"),
    ("relay-2", "relay"),
    ("projector-1", "projector"),
    ("projector-2", "projector"),
];

pub async fn run(args: Args) -> anyhow::Result<()> {
    let _traces = telemetry::start(&telemetry::Traces::default())?;
    let shutdown = signals::shutdown()?;
    let data = match args.data.clone() {
        Some(data) => data,
        None => default_cluster_folder()?,
    };
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(std::time::Duration::from_millis(120));
    let say = |line: &str| spinner.set_message(line.to_owned());
    let cluster = tokio::select! {
        cluster = Cluster::start(&data, args.links, &say) => cluster?,
        () = shutdown.cancelled() => return Ok(()),
    };
    let served = tokio::select! {
        served = serve(&args, &data, &cluster, &spinner, &shutdown) => served,
        () = shutdown.cancelled() => Ok(()),
    };
    spinner.finish_and_clear();
    cluster.stop().await;
    served
}

async fn serve(
    args: &Args,
    data: &Path,
    cluster: &Cluster,
    spinner: &ProgressBar,
    shutdown: &CancellationToken,
) -> anyhow::Result<()> {
    let state = cluster.state();
    spinner.set_message("migrating the database");
    migrate(&state.database_url).await?;
    let workspace = dev::demo_workspace(data)?;
    let commands = Commands::open(&state.database_url, &docket_commands::Config::default()).await?;
    workspace.found(&commands).await?;
    drop(commands);
    if !args.servers_only {
        let audit_key = data.join("audit.key");
        signing::read_or_make(&audit_key)?;
        spinner.set_message("starting the nodes");
        let nodes = nodes(args, data, &audit_key, &state)?;
        futures::future::try_join_all(nodes.into_iter().map(|node| cluster.run(node))).await?;
    }
    spinner.finish_and_clear();
    let state = cluster.state();
    let hello = if args.json { ready(&state, &workspace) } else { welcome(&state, data, &workspace) };
    let _ = say!("{hello}");
    shutdown.cancelled().await;
    Ok(())
}

/// Every node on a port of its own; the first API where the caller wants it.
fn nodes(args: &Args, data: &Path, audit_key: &Path, state: &State) -> anyhow::Result<Vec<Node>> {
    let program = std::env::current_exe().context("cannot tell which program this is")?;
    let ports = free_ports(2 * NODES.len())?;
    let own = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    let node = |(nth, (name, role)): (usize, (&str, &str))| {
        let metrics = own(ports[2 * nth]);
        let api = if nth == 0 { args.listen } else { own(ports[2 * nth + 1]) };
        let flags = [("--roles", role.to_owned()), ("--metrics-listen", metrics.to_string())];
        let flags = flags.into_iter().chain([
            ("--listen", api.to_string()),
            ("--nats-replicas", "3".to_owned()),
            ("--audit-key", audit_key.display().to_string()),
        ]);
        let mut node_args = vec!["serve".to_owned()];
        node_args.extend(flags.flat_map(|(flag, value)| [flag.to_owned(), value]));
        if role == "relay" {
            node_args.extend(["--consumers".to_owned(), state.consumers.display().to_string()]);
        }
        node_args.extend(args.limits.no_limits.then(|| "--no-limits".to_owned()));
        node_args.extend(args.traces.otlp_endpoint.iter().flat_map(|url| ["--otlp-endpoint".to_owned(), url.clone()]));
        Node {
            name: name.to_owned(),
            program: program.clone(),
            args: node_args,
            env: vec![
                ("DATABASE_URL".to_owned(), state.database_url.clone()),
                ("NATS_URL".to_owned(), state.nats_url.clone()),
            ],
            listens: if role == "api" { api } else { metrics },
            log: data.join(format!("{name}.log")),
        }
    };
    Ok(NODES.into_iter().enumerate().map(node).collect())
}

/// One line for programs: the state, where to find it later, and how to get in.
fn ready(state: &State, workspace: &Founding) -> String {
    serde_json::json!({
        "state": state,
        "workspace_id": workspace.workspace_id,
        "keys": dev::keys(workspace),
    })
    .to_string()
}

fn welcome(state: &State, data: &Path, workspace: &Founding) -> String {
    let lines: Vec<_> = state
        .members
        .iter()
        .map(|member| {
            let process = member.process.map_or_else(|| "–".to_owned(), |process| process.to_string());
            // A database's address has a password in it; the file has it.
            let url = if member.url.starts_with("http") || member.url.starts_with("nats") { &member.url } else { "" };
            format!("  {:<12} {:<8} {process:>8}  {url}", member.name, member.role)
        })
        .collect();
    format!(
        "\nDocket's cluster is ready.\n\n{}\n\n  Data         {data}\n  State        {state}\n  Key          {key}\n  \
         NATS         {nats}, for consumers: the key is the token\n\n\
         Kill what you like: it is started again, and a standby takes over from a primary that dies. Nodes: {data}/*.log\n\
         Ctrl-C stops all; the same command continues where it was.",
        lines.join("\n"),
        data = data.display(),
        state = data.join("cluster.json").display(),
        key = dev::native_key(workspace),
        nats = state.consumers_url,
    )
}
