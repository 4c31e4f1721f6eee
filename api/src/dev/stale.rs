//! Clears away what a predecessor that was killed left in the folder: servers still running, lock files, sockets.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

use super::folder::Folder;

/// How long each signal gets to work, gentlest first: an orderly stop, PostgreSQL's stop without a checkpoint, the end.
pub const FAREWELLS: [(&str, Duration); 3] =
    [("INT", Duration::from_secs(3)), ("QUIT", Duration::from_millis(700)), ("KILL", Duration::from_millis(700))];

/// Stops every server still at work in this folder (ours alone: we hold its lock) and removes what only they could mean.
pub async fn clear(folder: &Folder, say: &(dyn Fn(&str) + Sync)) -> Result<()> {
    let Some(mut left) = at_work_in(folder) else { return Ok(()) };
    if !left.is_empty() {
        say("stopping the servers that a killed docket left behind");
    }
    for (name, patience) in FAREWELLS {
        signal(name, &left);
        let deadline = Instant::now() + patience;
        while !left.is_empty() && Instant::now() < deadline {
            sleep(Duration::from_millis(20)).await;
            left = at_work_in(folder).unwrap_or_default();
        }
    }
    if !left.is_empty() {
        bail!("the processes {left:?} of a killed docket still work in {} and do not stop", folder.root().display());
    }
    for file in leftovers(folder) {
        let _ = fs::remove_file(file);
    }
    Ok(())
}

/// Sends a signal through the shell's own `kill`, which is there where the program isn't.
pub fn signal(name: &str, processes: &[u32]) {
    if processes.is_empty() {
        return;
    }
    let processes = processes.iter().map(u32::to_string);
    let _ = Command::new("sh").args(["-c", r#"kill -s "$@" 2>/dev/null"#, "sh", name]).args(processes).status();
}

/// The servers whose working folder lies here, which tells ours from any other better than a remembered process id;
/// `None` where there is no `/proc` to ask, and PostgreSQL's own lock file is all the protection there is.
fn at_work_in(folder: &Folder) -> Option<Vec<u32>> {
    fs::metadata("/proc/self/cwd").ok()?;
    let processes = fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    Some(processes.filter(|process| is_server_in(folder.root(), *process)).collect())
}

fn is_server_in(root: &Path, process: u32) -> bool {
    let about = PathBuf::from(format!("/proc/{process}"));
    let name = fs::read_to_string(about.join("comm")).unwrap_or_default();
    matches!(name.trim(), "postgres" | "initdb" | "nats-server")
        && fs::read_link(about.join("cwd")).is_ok_and(|cwd| cwd.starts_with(root))
}

fn leftovers(folder: &Folder) -> Vec<PathBuf> {
    let mut files = vec![folder.postgres().join("postmaster.pid")];
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    files.extend(entries(folder.sockets()));
    for home in [folder.nats(), folder.consumers()] {
        files.extend(entries(&home).filter(|path| path.extension().is_some_and(|end| end == "ports")));
    }
    files
}
