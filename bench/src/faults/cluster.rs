//! The servers that are to be broken, started by `docket dev --cluster`, and the workspaces in them.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use uuid::Uuid;

use crate::between::Between;
use crate::facts;
use crate::node::{children, mourning, signal};
use crate::options::Options;

/// Longer than a first start takes that has to install its servers.
const PATIENCE: Duration = Duration::from_mins(3);
/// So many lines of a log are its last words.
const LAST: usize = 15;
/// The file that says what runs where.
const STATE: &str = "cluster.json";
/// The database that is there from the start.
pub const FIRST: &str = "docket";

/// A running cluster of servers, without any nodes.
pub struct Cluster {
    /// The program: with `--from` the older one, until this one takes its place.
    pub docket: PathBuf,
    /// Where all is kept.
    pub data: PathBuf,
    /// Which of its databases is meant, and what begins the NATS subjects.
    pub installation: String,
    /// The links between its servers.
    pub between: Between,
    child: Child,
}

/// What runs where: the content of [`STATE`].
#[derive(Clone, Debug, Deserialize)]
pub struct State {
    /// The database, at whichever is the primary.
    pub database_url: String,
    /// The nats-servers, joined by commas.
    pub nats_url: String,
    /// What nodes know of the nats-server that consumers come to.
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

impl State {
    /// What the folder of a cluster says.
    pub fn read(data: &Path) -> Result<Self> {
        let file = data.join(STATE);
        serde_json::from_slice(&std::fs::read(&file)?).with_context(|| format!("{} is damaged", file.display()))
    }

    /// A server's entry.
    pub fn member(self, wanted: impl Fn(&Member) -> bool) -> Result<Member> {
        self.members.into_iter().find(wanted).context("there is no such server")
    }
}

impl Cluster {
    /// Starts all servers and migrates.
    pub async fn start(options: &Options) -> Result<Self> {
        let temporary = || std::env::temp_dir().join(format!("docket-faults-{}", std::process::id()));
        let data = options.data.clone().or_else(|| options.again.clone()).unwrap_or_else(temporary);
        std::fs::create_dir_all(&data)?;
        let log = std::fs::File::create(data.join("servers.log"))?;
        let (between, program) = (Between::open(data.join(STATE)).await?, options.program()?);
        let mut command = mourning(&program, "INT");
        command.args(["dev", "--cluster", "--servers-only", "--json", "--data"]).arg(&data);
        if options.again.is_none() {
            command.args(["--links", &between.ports()]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}: build it, or name it with --docket", program.display()))?;
        let output = child.stdout.take().context("docket has no output")?;
        let line = tokio::time::timeout(PATIENCE, BufReader::new(output).lines().next_line()).await;
        if !matches!(line, Ok(Ok(Some(_)))) {
            bail!("the cluster does not start; see {}", data.join("servers.log").display());
        }
        let docket = options.from.clone().unwrap_or(program);
        Ok(Self { docket, data, installation: FIRST.to_owned(), between, child })
    }

    /// What runs where now.
    pub fn state(&self) -> Result<State> {
        let mut state = State::read(&self.data)?;
        let urls = state.members.iter_mut().map(|member| &mut member.url).chain([&mut state.database_url]);
        for url in urls {
            if let Some(server) = url.strip_suffix(&format!("/{FIRST}")) {
                *url = format!("{server}/{}", self.installation);
            }
        }
        Ok(state)
    }

    /// A server's entry.
    pub fn member(&self, wanted: impl Fn(&Member) -> bool) -> Result<Member> {
        self.state()?.member(wanted)
    }

    /// Kills one of the primary's own processes, of which all others die.
    pub fn crash_postgres(&self) -> Result<()> {
        let process = self.member(|member| member.role == "primary")?.process.context("there is no primary")?;
        let writer = children(process).into_iter().find(|child| {
            std::fs::read(format!("/proc/{child}/cmdline"))
                .is_ok_and(|line| String::from_utf8_lossy(&line).contains("walwriter"))
        });
        signal("KILL", writer.context("PostgreSQL has no walwriter")?);
        Ok(())
    }

    /// A connection to the primary, as its superuser.
    pub async fn database(&self) -> Result<tokio_postgres::Client> {
        facts::connect(&self.member(|member| member.role == "primary")?.url).await
    }

    /// Makes the database anew, empty: this version has migrated it, and another one is to begin.
    pub async fn begin_anew(&mut self) -> Result<()> {
        "postgres".clone_into(&mut self.installation);
        let server = self.database().await;
        FIRST.clone_into(&mut self.installation);
        let server = server?;
        server.batch_execute(&format!("drop database {FIRST} with (force)")).await?;
        Ok(server.batch_execute(&format!("create database {FIRST} owner docket")).await?)
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

    /// The key that histories are signed with.
    pub async fn audit_key(&self) -> Result<PathBuf> {
        let key = self.data.join("audit.key");
        if !key.exists() {
            self.run(&["audit", "key", "new", &key.display().to_string()]).await?;
        }
        Ok(key)
    }

    /// Sets up a workspace.
    pub async fn workspace(&self, name: &str) -> Result<Workspace> {
        let email = format!("{name}@faults.example");
        let args = ["workspace", "create", "--json", "--name", name, "--owner-name", "Ada", "--owner-email", &email];
        Ok(serde_json::from_str(&self.run(&args).await?)?)
    }

    /// Stops all servers, and forgets what they had unless it is to be kept.
    pub async fn stop(mut self, keep: bool) {
        if let Some(process) = self.child.id() {
            signal("INT", process);
        }
        let _ = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await;
        if !keep {
            let _ = std::fs::remove_dir_all(&self.data);
        }
    }

    /// How every log ends: where nobody can look into them later, this is all there is.
    pub fn last_words(&self) -> Result<String> {
        let mut words = Vec::new();
        for entry in std::fs::read_dir(&self.data)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "log") {
                let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
                let lines: Vec<_> = text.lines().collect();
                let end = lines[lines.len().saturating_sub(LAST)..].join("\n");
                words.push(format!("\n== the end of {}\n{end}", path.display()));
            }
        }
        Ok(words.join("\n"))
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
