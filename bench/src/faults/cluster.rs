//! The servers that are to be broken, started by `docket dev --cluster`, and the workspaces in them.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use uuid::Uuid;

use crate::node::{mourning, signal};
use crate::options::Options;

/// Longer than a first start takes that has to install its servers.
const PATIENCE: Duration = Duration::from_mins(3);

/// A running cluster of servers, without any nodes.
pub struct Cluster {
    /// The program.
    pub docket: PathBuf,
    /// Where all is kept.
    pub data: PathBuf,
    child: Child,
}

/// What runs where: `cluster.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct State {
    /// The database, at whichever is the primary.
    pub database_url: String,
    /// The nats-servers, joined by commas.
    pub nats_url: String,
    /// The nats-server that consumers come to.
    pub consumers_url: String,
    /// What nodes know of it.
    pub consumers: PathBuf,
    /// The processes.
    pub members: Vec<Member>,
}

/// A server.
#[derive(Clone, Debug, Deserialize)]
pub struct Member {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub role: String,
    /// Where it is reached.
    pub url: String,
    /// Its process, while it runs.
    pub process: Option<u32>,
    /// How often it was started.
    pub starts: u32,
}

/// A workspace to write to.
#[derive(Clone, Debug, Deserialize)]
pub struct Workspace {
    /// Its id.
    #[serde(rename = "workspace_id")]
    pub id: Uuid,
    /// Its owner.
    #[serde(rename = "owner_id")]
    pub owner: Uuid,
    /// The owner's key.
    pub key: String,
}

impl Cluster {
    /// Starts all servers and migrates.
    pub async fn start(options: &Options) -> Result<Self> {
        let docket = match &options.from {
            Some(earlier) => earlier.clone(),
            None => options.program()?,
        };
        let temporary = || std::env::temp_dir().join(format!("docket-faults-{}", std::process::id()));
        let data = options.data.clone().unwrap_or_else(temporary);
        std::fs::create_dir_all(&data)?;
        let log = std::fs::File::create(data.join("servers.log"))?;
        let mut command = mourning(&docket, "INT");
        command.args(["dev", "--cluster", "--servers-only", "--json", "--data"]).arg(&data);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}: build it, or name it with --docket", docket.display()))?;
        let output = child.stdout.take().context("docket has no output")?;
        let line = tokio::time::timeout(PATIENCE, BufReader::new(output).lines().next_line()).await;
        if !matches!(line, Ok(Ok(Some(_)))) {
            bail!("the cluster does not start; see {}", data.join("servers.log").display());
        }
        Ok(Self { docket, data, child })
    }

    /// What runs where now.
    pub fn state(&self) -> Result<State> {
        let file = self.data.join("cluster.json");
        serde_json::from_slice(&std::fs::read(&file)?).with_context(|| format!("{} is damaged", file.display()))
    }

    /// A server's entry.
    pub fn member(&self, wanted: impl Fn(&Member) -> bool) -> Result<Member> {
        self.state()?.members.into_iter().find(|member| wanted(member)).context("there is no such server")
    }

    /// Runs a subcommand of the program on the database.
    pub async fn run(&self, args: &[&str]) -> Result<String> {
        let mut command = tokio::process::Command::new(&self.docket);
        command.args(args).env("DATABASE_URL", self.state()?.database_url).stdin(Stdio::null());
        let output = command.output().await?;
        if !output.status.success() {
            bail!("docket {} fails:\n{}", args.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Sets up a workspace.
    pub async fn workspace(&self, name: &str) -> Result<Workspace> {
        let email = format!("{name}@faults.example");
        let args = ["workspace", "create", "--json", "--name", name, "--owner-name", "Ada", "--owner-email", &email];
        Ok(serde_json::from_str(&self.run(&args).await?)?)
    }

    /// Stops all servers.
    pub async fn stop(mut self) {
        if let Some(process) = self.child.id() {
            signal("INT", process);
        }
        let _ = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await;
    }
}

/// Ports below those that systems give to outgoing connections, so that a node finds its own again when it comes back.
pub fn free_ports(count: usize) -> Result<Vec<u16>> {
    let start = 12_000 + (std::process::id() % 7_000) as u16;
    let held: Vec<_> =
        (start..20_000).filter_map(|port| std::net::TcpListener::bind(("127.0.0.1", port)).ok()).take(count).collect();
    let ports: Vec<_> = held.iter().filter_map(|held| Some(held.local_addr().ok()?.port())).collect();
    anyhow::ensure!(ports.len() == count, "no ports are free on 127.0.0.1");
    Ok(ports)
}
