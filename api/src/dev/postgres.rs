//! The private PostgreSQL: made once per data folder, reached through a Unix socket only.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use tokio::io::AsyncWriteExt;

use super::account::Account;
use super::folder::{Folder, Passwords, write_private};
use super::keeper::Durability;
use super::server::Server;
use super::tools::Tools;

/// Names the socket's file; there is no TCP port.
pub const PORT: u16 = 5432;

/// For a small machine shared with docket itself. Given at each start, so that an old data folder follows.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "cluster_name=docket",
    "max_connections=200",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "checkpoint_timeout=15min",
    "wal_compression=on",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_checkpoints=off",
    "logging_collector=off",
];

/// What data that nobody will miss can do without.
const CARELESS: &[&str] = &["fsync=off", "full_page_writes=off", "shared_buffers=128MB"];

/// Makes the data, unless it is there. Either all of it appears or none: a half-made one is thrown away at the next try.
pub async fn create(
    account: &Account,
    folder: &Folder,
    tools: &Tools,
    passwords: &Passwords,
    durability: Durability,
    say: &(dyn Fn(&str) + Sync),
) -> Result<()> {
    if folder.postgres().exists() {
        return Ok(());
    }
    say("creating the database (once)");
    let new = folder.root().join("postgres.new");
    let _ = fs::remove_dir_all(&new);
    account.private_folder(&new)?;
    let password = folder.root().join("password.tmp");
    write_private(&password, passwords.postgres.as_bytes())?;
    account.own(&password)?;
    let made = initdb(account, tools, &new, &password, durability).await;
    fs::remove_file(&password)?;
    made?;
    bootstrap(account, tools, &new, passwords).await?;
    fs::rename(&new, folder.postgres()).context("cannot rename the new database's folder")
}

async fn initdb(account: &Account, tools: &Tools, data: &Path, password: &Path, durability: Durability) -> Result<()> {
    // Bytewise order, as fast as C's, yet upper and lower case of every alphabet; plain C where the system lacks that.
    let unicode: &[&str] = if tools.postgres_major >= 17 {
        &["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    } else {
        &["--locale=C", "--lc-ctype=C.UTF-8"]
    };
    let mut complaint = String::new();
    for locale in [unicode, &["--locale=C"]] {
        let mut command = account.command(&tools.initdb);
        command.current_dir(data).arg("--pgdata").arg(data).arg("--pwfile").arg(password);
        command
            .args(["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"])
            .args(locale);
        if durability == Durability::None {
            command.arg("--no-sync");
        }
        let output =
            tokio::process::Command::from(command).kill_on_drop(true).output().await.context("cannot run initdb")?;
        if output.status.success() {
            return Ok(());
        }
        complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    }
    bail!("initdb cannot make a database in {}:\n{complaint}", data.display())
}

/// Adds docket's role and database while nobody else can connect.
async fn bootstrap(account: &Account, tools: &Tools, data: &Path, passwords: &Passwords) -> Result<()> {
    let mut command = account.command(&tools.postgres);
    // With -j a statement ends at a semicolon and an empty line.
    command.current_dir(data).args(["--single", "-j", "-c", "exit_on_error=true", "-c", "log_checkpoints=off", "-D"]);
    command.arg(data).arg("postgres").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
    let script = include_str!("bootstrap.sql").replace("{password}", &passwords.docket);
    if let Some(mut input) = child.stdin.take() {
        input.write_all(script.as_bytes()).await.context("PostgreSQL does not read its first statements")?;
    }
    let output = child.wait_with_output().await?;
    if !output.status.success() {
        bail!("PostgreSQL refuses its first statements:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Starts the server and waits until it accepts connections.
pub async fn start(
    account: &Account,
    folder: &Folder,
    tools: &Tools,
    durability: Durability,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Server> {
    start_with(account, folder, tools, durability, &[], say).await
}

/// The same with settings besides.
pub async fn start_with(
    account: &Account,
    folder: &Folder,
    tools: &Tools,
    durability: Durability,
    more: &[&str],
    say: &(dyn Fn(&str) + Sync),
) -> Result<Server> {
    let data = folder.postgres();
    let mut command: Command = account.command(&tools.postgres);
    command.current_dir(&data).arg("-D").arg(&data).arg("-k").arg(folder.sockets()).args(["-p", &PORT.to_string()]);
    let careless: &[&str] = if durability == Durability::None { CARELESS } else { &[] };
    for setting in SETTINGS.iter().chain(careless).chain(more) {
        command.args(["-c", setting]);
    }
    let mut server = Server::start("PostgreSQL", command, folder.root().join("postgres.log"))?;
    let process = server.process().map(|process| process.to_string());
    server.wait_for(say, async || is_ready(&data, process.as_deref()?).then_some(())).await?;
    Ok(server)
}

/// The server notes in its lock file how far it is, for `pg_ctl` to see; the file's eighth line.
fn is_ready(data: &Path, process: &str) -> bool {
    let note = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let lines: Vec<_> = note.lines().map(str::trim).collect();
    lines.first() == Some(&process) && lines.get(7) == Some(&"ready")
}

/// A URL whose host is the socket's folder, as libpq and the Rust drivers alike understand it.
pub fn url(folder: &Folder, role: &str, password: &str, database: &str) -> String {
    let host = folder.sockets().to_string_lossy().replace('/', "%2F");
    format!("postgres://{role}:{password}@{host}:{PORT}/{database}")
}
