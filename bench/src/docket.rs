//! The server to measure: started on a folder of its own, or running already.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::ChildStdout;

use crate::away::Away;
use crate::load::Target;
use crate::options::Options;

/// Longer than a first start takes that has to install its servers.
const PATIENCE: Duration = Duration::from_mins(3);

/// A docket server.
pub struct Docket {
    /// Its API, with a key that may do everything.
    pub target: Target,
    /// Its database, as the role that owns it.
    pub database_url: String,
    /// Where consumers come to over NATS.
    pub consumers_url: Option<String>,
    program: PathBuf,
    nats_url: Option<String>,
    away: Option<Away>,
    started: Option<Started>,
}

/// Which process is killed.
#[derive(Clone, Copy, Debug)]
pub enum Victim {
    /// `docket dev`, and its servers with it.
    Docket,
    /// The nats-server that consumers come to.
    Nats,
}

/// Stopped when dropped, whatever went wrong, and its data removed.
struct Started {
    child: Child,
    folder: PathBuf,
    log: PathBuf,
}

/// The one line that `docket dev --json` prints when ready.
#[derive(Deserialize)]
struct Ready {
    url: String,
    nats_url: String,
    consumers_url: String,
    database_url: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    native: String,
}

impl Docket {
    /// Starts `docket dev`, or takes the server that the options name.
    pub async fn open(options: &Options) -> Result<Self> {
        let program = match &options.docket {
            Some(program) => program.clone(),
            None => std::env::current_exe()?.with_file_name("docket"),
        };
        match (&options.url, &options.database_url) {
            (Some(url), Some(database_url)) => {
                let target = Target { address: authority(url)?, key: options.key.clone() };
                Ok(Self {
                    target,
                    database_url: database_url.clone(),
                    program,
                    consumers_url: None,
                    nats_url: None,
                    away: None,
                    started: None,
                })
            }
            _ => {
                let far = options.database_away;
                let mut docket = Self::start(program, options.data.as_deref(), far.is_some()).await?;
                if let Some(millis) = far {
                    docket.move_away(Duration::from_millis(millis)).await?;
                }
                Ok(docket)
            }
        }
    }

    async fn start(program: PathBuf, data: Option<&Path>, far: bool) -> Result<Self> {
        let temporary = || std::env::temp_dir().join(format!("docket-bench-{}", std::process::id()));
        let folder = data.map_or_else(temporary, Path::to_owned);
        let (child, log, ready) = launch(&program, &folder, "127.0.0.1:0", far).await?;
        Ok(Self {
            target: Target { address: authority(&ready.url)?, key: Some(ready.keys.native) },
            database_url: ready.database_url,
            consumers_url: Some(ready.consumers_url),
            program,
            nats_url: Some(ready.nats_url),
            away: None,
            started: Some(Started { child, folder, log }),
        })
    }

    /// From now on its API is that of a node so far away from the database.
    async fn move_away(&mut self, each_way: Duration) -> Result<()> {
        let nats_url = self.nats_url.as_ref().context("only of what was started here is it known where NATS is")?;
        let away = Away::start(&self.program, &self.database_url, nats_url, each_way).await?;
        self.target.address.clone_from(&away.address);
        self.away = Some(away);
        Ok(())
    }

    /// Kills one of its processes as nothing else does, and starts it again where it was.
    pub async fn kill(&mut self, victim: Victim) -> Result<()> {
        let started = self.started.as_mut().context("only what was started here is killed")?;
        let process = match victim {
            Victim::Docket => started.child.id(),
            Victim::Nats => consumers_server(&started.folder)?,
        };
        Command::new("kill").args(["-KILL", &process.to_string()]).status()?;
        // It does not go on without its servers.
        while started.child.try_wait()?.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let (child, _, ready) = launch(&self.program, &started.folder, &self.target.address, false).await?;
        started.child = child;
        anyhow::ensure!(Some(&ready.consumers_url) == self.consumers_url.as_ref(), "consumers would not find it again");
        Ok(())
    }

    /// Its process, if it was started here.
    pub fn process(&self) -> Option<u32> {
        if let Some(away) = &self.away {
            return away.process();
        }
        Some(self.started.as_ref()?.child.id())
    }

    /// Runs a subcommand of the same program against the same servers.
    pub async fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.program);
        command.args(arguments).env("DATABASE_URL", &self.database_url).stdin(Stdio::null());
        command.envs(self.nats_url.as_ref().map(|url| ("NATS_URL", url)));
        let output = tokio::process::Command::from(command)
            .output()
            .await
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        if !output.status.success() {
            bail!("docket {} fails:\n{}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Stops it if it was started here, and removes its data.
    pub fn close(mut self) -> Result<()> {
        self.away = None;
        let Some(mut started) = self.started.take() else { return Ok(()) };
        let status = started.stop()?;
        anyhow::ensure!(status.success(), "docket dev ends with {status}:\n{}", last_words(&started.log));
        Ok(())
    }
}

/// Starts `docket dev` on a folder, and waits until it says that it is ready. What is to be far away gives way to all that is
/// here: it would have processors of its own there.
async fn launch(program: &Path, folder: &Path, listen: &str, far: bool) -> Result<(Child, PathBuf, Ready)> {
    let log = folder.with_extension("log");
    let errors = std::fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut child = Command::new("nice")
        .args(["-n", if far { "19" } else { "0" }])
        .arg(program)
        .arg("dev")
        .arg("--data")
        .arg(folder)
        .args(["--listen", listen, "--no-limits", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .with_context(|| format!("cannot start {}: build it, or name it with --docket", program.display()))?;
    let output = child.stdout.take().context("docket has no output")?;
    let mut lines = BufReader::new(ChildStdout::from_std(output)?).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
    let Some(line) = line.context("docket dev is not ready after 3 minutes")?? else {
        bail!("docket dev ended early:\n{}", last_words(&log))
    };
    let ready: Ready = serde_json::from_str(&line).with_context(|| format!("docket dev says: {line}"))?;
    Ok((child, log, ready))
}

/// The nats-server that consumers come to: it works in a folder of its own.
fn consumers_server(folder: &Path) -> Result<u32> {
    let home = folder.canonicalize()?.join("consumers");
    let is_it = |process: &u32| {
        let about = PathBuf::from(format!("/proc/{process}"));
        let name = std::fs::read_to_string(about.join("comm")).unwrap_or_default();
        name.trim() == "nats-server" && std::fs::read_link(about.join("cwd")).is_ok_and(|cwd| cwd == home)
    };
    let processes = std::fs::read_dir("/proc")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    processes.into_iter().find(is_it).context("there is no nats-server for consumers")
}

fn last_words(log: &Path) -> String {
    let log = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

impl Started {
    fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child.kill()?;
        bail!("docket dev does not stop within 20 s of SIGTERM")
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.stop();
        let _ = std::fs::remove_file(&self.log);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn authority(url: &str) -> Result<String> {
    let rest = url.strip_prefix("http://").with_context(|| format!("{url} does not start with http://"))?;
    Ok(rest.split('/').next().unwrap_or(rest).to_owned())
}
