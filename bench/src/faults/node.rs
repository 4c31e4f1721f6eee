//! A process of Docket's, with links of its own to everything it talks to.

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::process::Child;
use tokio::time::{Instant, sleep};

use crate::cluster::Cluster;
use crate::proxy::{Link, Mode};

/// How long it may take to come up.
const PATIENCE: Duration = Duration::from_mins(2);

/// A node.
pub struct Node {
    /// What it is called.
    pub name: String,
    /// Where its API is, if it has one; and otherwise its metrics.
    pub port: u16,
    /// Its links to what it needs: the first leads to PostgreSQL, the others to the nats-servers, that of consumers too.
    pub links: Vec<Link>,
    /// What its clients come over, if it has any.
    pub front: Option<Link>,
    /// The version that it is, from when it is started next.
    pub program: PathBuf,
    args: Vec<String>,
    env: Vec<(String, String)>,
    log: PathBuf,
    child: Option<Child>,
}

impl Node {
    /// A node with these roles, not yet started.
    pub async fn new(cluster: &Cluster, name: &str, roles: &str, ports: (u16, u16)) -> Result<Self> {
        let state = cluster.state()?;
        let (before, rest) = state.database_url.split_once('@').context("a database's URL without a password")?;
        let (address, path) = rest.split_once('/').context("a database's URL without a name")?;
        let postgres = Link::open(address.to_owned()).await?;
        let database_url = format!("{before}@127.0.0.1:{}/{path}", postgres.port);
        let mut links = vec![postgres];
        let mut nats_url = Vec::new();
        for url in state.nats_url.split(',') {
            let link = Link::open(url.replace("nats://", "")).await?;
            nats_url.push(format!("nats://127.0.0.1:{}", link.port));
            links.push(link);
        }
        let api = roles.contains("api");
        let audit_key = cluster.audit_key().await?;
        let args = [
            ("--roles", roles.to_owned()),
            ("--listen", format!("127.0.0.1:{}", ports.0)),
            ("--metrics-listen", format!("127.0.0.1:{}", ports.1)),
            ("--nats-replicas", "3".to_owned()),
            ("--nats-prefix", cluster.installation.clone()),
            ("--audit-key", audit_key.display().to_string()),
        ];
        let mut args: Vec<_> = args.into_iter().flat_map(|(flag, value)| [flag.to_owned(), value]).collect();
        args.insert(0, "serve".to_owned());
        args.push("--no-limits".to_owned());
        if roles.contains("relay") {
            let (link, file) = to_consumers(&state.consumers, &cluster.data.join(format!("{name}.json"))).await?;
            links.push(link);
            args.extend(["--consumers".to_owned(), file]);
        }
        let env = vec![("DATABASE_URL".to_owned(), database_url), ("NATS_URL".to_owned(), nats_url.join(","))];
        let front = if api { Some(Link::open(format!("127.0.0.1:{}", ports.0)).await?) } else { None };
        let (port, log) = (if api { ports.0 } else { ports.1 }, cluster.data.join(format!("{name}.log")));
        let program = cluster.docket.clone();
        Ok(Self { name: name.to_owned(), port, links, front, program, args, env, log, child: None })
    }

    /// From now on all of its links behave so.
    pub fn link(&self, mode: Mode) {
        self.links.iter().chain(&self.front).for_each(|link| link.set(mode));
    }

    /// Plants a bug in it, from when it is started next.
    pub fn plant(&mut self, bug: &str) {
        self.env.push(("DOCKET_FAILPOINT".to_owned(), bug.to_owned()));
    }

    /// Waits until it can be reached, starting it again if need be.
    pub async fn reachable(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            anyhow::ensure!(Instant::now() < deadline, "{0} does not come up; see {0}.log", self.name);
            // It gives up where its servers are away as it starts: as any supervisor would, this one tries again.
            self.start()?;
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Starts it, unless it runs.
    pub fn start(&mut self) -> Result<()> {
        if let Some(child) = &mut self.child
            && child.try_wait()?.is_none()
        {
            return Ok(());
        }
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut command = mourning(&self.program, "KILL");
        command.args(&self.args).envs(self.env.iter().cloned()).stdin(Stdio::null());
        command.stdout(log.try_clone()?).stderr(log);
        let mut command = tokio::process::Command::from(command);
        self.child = Some(command.kill_on_drop(true).spawn().with_context(|| format!("cannot start {}", self.name))?);
        Ok(())
    }

    /// Its process, while it runs.
    pub fn process(&self) -> Option<u32> {
        self.child.as_ref()?.id()
    }

    /// Sends it a signal of which it ends, and waits until it has.
    pub async fn stop(&mut self, name: &str) {
        if let Some(process) = self.process() {
            signal(name, process);
        }
        if let Some(child) = &mut self.child {
            let _ = child.wait().await;
        }
        self.child = None;
    }
}

/// A link to the nats-server that consumers come to, and a file that leads there.
async fn to_consumers(known: &Path, file: &Path) -> Result<(Link, String)> {
    let mut known: Value = serde_json::from_slice(&std::fs::read(known)?)?;
    let url = known["url"].as_str().context("nobody knows where consumers come to")?;
    let link = Link::open(url.replace("nats://", "")).await?;
    known["url"] = format!("nats://127.0.0.1:{}", link.port).into();
    std::fs::write(file, known.to_string())?;
    std::fs::set_permissions(file, Permissions::from_mode(0o600))?;
    Ok((link, file.display().to_string()))
}

/// A command whose process ends with this one, where the system can do that.
pub fn mourning(program: &Path, signal: &str) -> Command {
    let able = Command::new("setpriv").args(["--pdeathsig", signal, "true"]).output();
    if able.is_ok_and(|output| output.status.success()) {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", signal, "--"]).arg(program);
        return command;
    }
    Command::new(program)
}

/// Sends a signal.
pub fn signal(name: &str, process: u32) {
    let _ = Command::new("sh").args(["-c", r#"kill -s "$@" 2>/dev/null"#, "sh", name, &process.to_string()]).status();
}

/// The processes that a process has started.
pub fn children(process: u32) -> Vec<u32> {
    let of = format!("/proc/{process}/task/{process}/children");
    let children = std::fs::read_to_string(of).unwrap_or_default();
    children.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}
