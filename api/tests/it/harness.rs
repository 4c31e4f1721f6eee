//! Real servers for the tests: one private PostgreSQL and nats-server per test process, a database for each test.
//!
//! With `DOCKET_TEST_DATABASE_ADMIN_URL` (a role that may create databases and roles) and `DOCKET_TEST_NATS_URL` both
//! set, those servers are used instead: worth it where each test is a process of its own, as under cargo-nextest.
#![allow(dead_code, reason = "each test uses the part it needs")]

use std::sync::OnceLock;
use std::sync::mpsc as std_mpsc;
use std::time::Duration;

use anyhow::{Context, Result};
use docket_api::dev::{Servers, scratch_folder};
use sqlx::{Connection, Executor, PgConnection};
use tokio::sync::mpsc;

const TEMPLATE: &str = "docket_template";
/// Taken by whoever migrates the template, shared by whoever copies it.
const TEMPLATE_LOCK: i64 = 0x646f_636b_6574;

/// A migrated, empty database of one test's own; dropped with this, as far as possible.
#[derive(Debug)]
pub struct TestDb {
    /// Connects as the database's owner.
    pub url: String,
    name: String,
}

/// A new database for one test.
pub async fn database() -> TestDb {
    let name = format!("t_{}", unique());
    copy_template(&name).await.expect("a database for this test");
    TestDb { url: url_of(&name), name }
}

/// The nats-server that all tests of this process share: see [`nats_prefix`].
pub fn nats_url() -> String {
    shared().nats_url.clone()
}

/// How a superuser gets to a database; on lent servers nobody may.
pub fn as_superuser(db: &TestDb) -> Option<String> {
    shared().superuser_url.as_ref().map(|url| sibling(url, &db.name))
}

/// A file of this test's own.
pub fn scratch_file(name: &str, text: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique());
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join(name);
    std::fs::write(&file, text).expect("a file");
    file
}

/// A name that no other test uses, for the subjects and streams of one test.
pub fn nats_prefix() -> String {
    format!("t{}", unique())
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let (done, dropped) = std_mpsc::channel();
        let _ = shared().unwanted.send((std::mem::take(&mut self.name), done));
        // Private servers go as a whole; on lent ones the process may not end before its databases do.
        if shared().lent {
            let _ = dropped.recv_timeout(Duration::from_secs(5));
        }
    }
}

struct Shared {
    admin_url: String,
    nats_url: String,
    superuser_url: Option<String>,
    lent: bool,
    unwanted: mpsc::UnboundedSender<(String, std_mpsc::Sender<()>)>,
}

/// Starts the servers when first asked. They belong to a thread that outlives every test, and die with the process.
fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let (ready, started) = std_mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(host(ready));
        });
        let started: Result<Shared> = started.recv().expect("the servers' thread lives");
        started.unwrap_or_else(|error| panic!("no servers for the tests: {error:#}"))
    })
}

async fn host(ready: std_mpsc::Sender<Result<Shared>>) {
    let (unwanted, mut drops) = mpsc::unbounded_channel::<(String, std_mpsc::Sender<()>)>();
    let (servers, admin_url, nats_url) = match find_servers().await {
        Ok(found) => found,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let template = make_template(&admin_url).await.context("cannot migrate a template database");
    let superuser_url = servers.as_ref().map(|servers| servers.admin_url().to_owned());
    let lent = servers.is_none();
    let shared = Shared { admin_url: admin_url.clone(), nats_url, superuser_url, lent, unwanted };
    let _ = ready.send(template.map(|()| shared));
    while let Some((name, done)) = drops.recv().await {
        let admin_url = admin_url.clone();
        tokio::spawn(async move {
            let _ = drop_database(admin_url, name).await;
            let _ = done.send(());
        });
    }
}

async fn find_servers() -> Result<(Option<Servers>, String, String)> {
    let given = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let (Some(database), Some(nats)) = (given("DOCKET_TEST_DATABASE_ADMIN_URL"), given("DOCKET_TEST_NATS_URL")) {
        return Ok((None, database, nats));
    }
    let servers = Servers::start_for_tests(&scratch_folder().await, &|line| eprintln!("tests: {line}")).await?;
    let (database, nats) = (servers.database_url().to_owned(), servers.nats_url().to_owned());
    Ok((Some(servers), database, nats))
}

/// Makes the template or brings it up to date; one that has other migrations (of another branch) is made anew.
async fn make_template(admin_url: &str) -> Result<()> {
    let mut admin = PgConnection::connect(admin_url).await?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(TEMPLATE_LOCK).execute(&mut admin).await?;
    let found: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(TEMPLATE)
        .fetch_optional(&mut admin)
        .await?;
    let url = sibling(admin_url, TEMPLATE);
    if found.is_some() && docket_api::migrate(&url).await.is_ok_and(|migrated| migrated.newer.is_empty()) {
        return Ok(());
    }
    admin.execute(format!("DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)").as_str()).await?;
    admin.execute(format!("CREATE DATABASE {TEMPLATE}").as_str()).await?;
    docket_api::migrate(&url).await.map(drop)
}

async fn copy_template(name: &str) -> Result<()> {
    let mut admin = PgConnection::connect(&shared().admin_url).await?;
    sqlx::query("SELECT pg_advisory_lock_shared($1)").bind(TEMPLATE_LOCK).execute(&mut admin).await?;
    admin.execute(format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}").as_str()).await?;
    Ok(admin.close().await?)
}

/// Best effort: connections that a test leaves behind close soon, and the next try gets through.
async fn drop_database(admin_url: String, name: String) -> Result<()> {
    let mut admin = PgConnection::connect(&admin_url).await?;
    for _ in 0..5 {
        if admin.execute(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)").as_str()).await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

fn url_of(database: &str) -> String {
    sibling(&shared().admin_url, database)
}

/// The same server and role, another database.
fn sibling(url: &str, database: &str) -> String {
    let (location, options) = url.split_once('?').map_or((url, String::new()), |(url, rest)| (url, format!("?{rest}")));
    let server = location.rsplit_once('/').map_or(location, |(server, _)| server);
    format!("{server}/{database}{options}")
}

fn unique() -> String {
    format!("{:016x}", rand::random::<u64>())
}
