//! One server process: started into its log, waited for, watched, stopped.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use super::stale::{FAREWELLS, signal};

/// A log longer than this is set aside when its server starts.
const LONG_LOG: u64 = 16 << 20;
/// Recovery after a crash may read gigabytes of log.
const PATIENCE: Duration = Duration::from_mins(5);

/// A running child. Dropped, it is killed.
pub struct Server {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Server {
    /// Starts `command`, both its outputs appended to `log`.
    pub fn start(name: impl Into<String>, mut command: Command, log: PathBuf) -> Result<Self> {
        let name = name.into();
        let output = open_log(&log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdout(output.try_clone()?).stderr(output);
        let mut command = tokio::process::Command::from(command);
        let child = command.kill_on_drop(true).spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, log, child })
    }

    /// The process id, while it runs.
    pub fn process(&self) -> Option<u32> {
        self.child.id()
    }

    /// Polls until the server answers; fails when it dies first, and at last loses patience.
    pub async fn wait_for<T>(
        &mut self,
        say: &(dyn Fn(&str) + Sync),
        mut answer: impl AsyncFnMut() -> Option<T>,
    ) -> Result<T> {
        let (name, log) = (self.name.clone(), self.log.clone());
        let polling = async {
            loop {
                match answer().await {
                    Some(answer) => return answer,
                    None => sleep(Duration::from_millis(5)).await,
                }
            }
        };
        let explaining = async {
            sleep(Duration::from_secs(3)).await;
            say(&format!("{name} is taking its time, as it does after a crash; its log: {}", log.display()));
            sleep(PATIENCE).await;
        };
        tokio::select! {
            answer = polling => Ok(answer),
            message = self.died() => bail!(message),
            () = explaining => bail!("{name} does not get ready; its log: {}", log.display()),
        }
    }

    /// Resolves when the process ends, with a message for a person.
    pub async fn died(&mut self) -> String {
        let how = match self.child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        format!(
            "{} stopped by itself ({how}). The end of {}:\n{}",
            self.name,
            self.log.display(),
            last_lines(&self.log)
        )
    }

    /// Stops it, by force if it takes too long.
    pub async fn stop(mut self) {
        for (name, patience) in FAREWELLS {
            let Some(process) = self.process() else { return };
            signal(name, &[process]);
            if timeout(patience, self.child.wait()).await.is_ok() {
                return;
            }
        }
    }
}

fn open_log(log: &Path) -> std::io::Result<File> {
    if fs::metadata(log).is_ok_and(|found| found.len() > LONG_LOG) {
        fs::rename(log, log.with_extension("log.old"))?;
    }
    OpenOptions::new().create(true).append(true).open(log)
}

fn last_lines(log: &Path) -> String {
    let mut end = Vec::new();
    let read = File::open(log).and_then(|mut file| {
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
        file.read_to_end(&mut end)
    });
    let text = String::from_utf8_lossy(&end);
    let lines: Vec<_> = text.lines().collect();
    match read {
        Ok(_) => format!("  {}", lines[lines.len().saturating_sub(12)..].join("\n  ")),
        Err(error) => format!("  (unreadable: {error})"),
    }
}
