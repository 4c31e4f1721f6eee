//! The private servers, by themselves and under the `docket dev` command: nothing lost, nothing left behind.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use docket_api::dev::{Servers, scratch_folder};
use futures::StreamExt;
use serde_json::Value;
use sqlx::{Connection, Executor, PgConnection};

/// A data folder that goes with its test.
pub struct Data(pub PathBuf);

impl Data {
    pub async fn new() -> Self {
        Self(scratch_folder().await)
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn start(data: &Path) -> Servers {
    try_start(data).await.expect("servers")
}

async fn try_start(data: &Path) -> anyhow::Result<Servers> {
    Servers::start_for_tests(data, &|_| ()).await
}

async fn connect(servers: &Servers) -> PgConnection {
    PgConnection::connect(servers.database_url()).await.expect("a connection")
}

/// The living processes that work in a folder; the dead that nobody has asked after don't count.
pub fn at_work_in(data: &Path) -> Vec<String> {
    let root = data.canonicalize().expect("the folder");
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter(|process| std::fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&root)))
        .map(|process| {
            format!("{} {:?}", process.path().display(), std::fs::read_to_string(process.path().join("comm")))
        })
        .collect()
}

pub fn signal(name: &str, process: u32) {
    let sent = Command::new("sh").args(["-c", r#"kill -s "$@""#, "sh", name, &process.to_string()]).status();
    assert!(sent.expect("a shell").success(), "no process {process} to signal");
}

fn postmaster(data: &Path) -> u32 {
    let note = std::fs::read_to_string(data.join("postgres/postmaster.pid")).expect("a running PostgreSQL");
    note.lines().next().and_then(|line| line.parse().ok()).expect("its process id")
}

#[tokio::test]
async fn stopping_leaves_no_process_and_starting_again_continues() {
    let data = Data::new().await;
    let servers = start(&data.0).await;
    let nats_url = servers.nats_url().to_owned();
    connect(&servers).await.execute("CREATE TABLE kept AS SELECT 42 AS answer").await.expect("a table");
    assert!(!at_work_in(&data.0).is_empty());

    let asked = Instant::now();
    servers.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(10), "took {:?}", asked.elapsed());
    assert_eq!(at_work_in(&data.0), Vec::<String>::new());

    let servers = start(&data.0).await;
    let answer: i32 =
        sqlx::query_scalar("SELECT answer FROM kept").fetch_one(&mut connect(&servers).await).await.expect("the table");
    assert_eq!(answer, 42);
    assert_eq!(servers.nats_url(), nats_url, "a free port is kept");
    servers.stop().await;
}

#[tokio::test]
async fn the_role_can_make_roles_and_databases_but_is_held_by_row_security() {
    let data = Data::new().await;
    let servers = start(&data.0).await;
    let role =
        "SELECT rolcreaterole AND rolcreatedb AND NOT rolsuper AND NOT rolbypassrls FROM pg_roles WHERE rolname = user";
    let fits: bool = sqlx::query_scalar(role).fetch_one(&mut connect(&servers).await).await.expect("the role");
    assert!(fits);
    let mut admin = PgConnection::connect(servers.admin_url()).await.expect("the superuser");
    let letters: String = sqlx::query_scalar("SELECT lower('ÉŻ')").fetch_one(&mut admin).await.expect("an answer");
    assert_eq!(letters, "éż");
    servers.stop().await;
}

#[tokio::test]
async fn two_folders_run_side_by_side_and_one_folder_only_once() {
    let (one, two) = (Data::new().await, Data::new().await);
    let (first, second) = tokio::join!(start(&one.0), start(&two.0));
    assert_ne!(first.nats_url(), second.nats_url());
    assert_ne!(first.database_url(), second.database_url());

    let refusal = try_start(&one.0).await.expect_err("the folder is taken").to_string();
    assert!(refusal.contains(&format!("process {}", std::process::id())), "{refusal}");
    assert!(refusal.contains("--data"), "{refusal}");
    connect(&first).await.ping().await.expect("undisturbed");
    tokio::join!(first.stop(), second.stop());
}

#[tokio::test]
async fn a_server_that_dies_is_reported_with_the_end_of_its_log() {
    let data = Data::new().await;
    let servers = start(&data.0).await;
    signal("INT", postmaster(&data.0));
    let message = servers.failed().await;
    assert!(message.starts_with("PostgreSQL stopped by itself"), "{message}");
    assert!(message.contains("received fast shutdown request"), "{message}");
    servers.stop().await;
    assert_eq!(at_work_in(&data.0), Vec::<String>::new());
}

#[tokio::test]
async fn a_killed_server_leaves_nothing_that_hinders_the_next_start() {
    let data = Data::new().await;
    let servers = start(&data.0).await;
    connect(&servers).await.execute("CREATE TABLE kept ()").await.expect("a table");
    signal("KILL", postmaster(&data.0));
    assert!(servers.failed().await.contains("signal: 9"));
    servers.stop().await;

    let servers = start(&data.0).await;
    connect(&servers).await.execute("TABLE kept").await.expect("the table");
    servers.stop().await;
}

#[tokio::test]
async fn a_path_too_long_or_too_odd_for_a_socket_still_serves() {
    let data = Data::new().await;
    let odd = data.0.join("a folder, with ß and \"quotes\"").join("and a name ".repeat(8));
    let servers = start(&odd).await;
    connect(&servers).await.ping().await.expect("an answer");
    let url = servers.database_url();
    let sockets = url.split_once("%2Ftmp%2F").and_then(|(_, rest)| rest.split_once(':')).expect("a folder in /tmp").0;
    let sockets = Path::new("/tmp").join(sockets);
    servers.stop().await;
    std::fs::remove_dir(&sockets).expect("an empty folder");
}

/// A `docket dev` of the real binary, and the one line it printed.
struct Docket {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    ready: Value,
}

impl Docket {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_docket"))
            .args(["dev", "--listen", "127.0.0.1:0", "--json", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the docket binary");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        output.read_line(&mut line).expect("a line");
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in the line {line:?}"));
        Self { child, output, ready }
    }

    fn end(mut self, with: &str) -> (std::process::ExitStatus, Duration) {
        let asked = Instant::now();
        signal(with, self.child.id());
        let status = self.child.wait().expect("an end");
        let took = asked.elapsed();
        let mut more = String::new();
        self.output.read_to_string(&mut more).expect("its output");
        assert_eq!(more, "", "more than one line on stdout");
        (status, took)
    }
}

/// Any client of NATS hears what happens, with the key as its token.
async fn hears(told: &Value) {
    let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str).expect("text").to_owned();
    let begun = Instant::now();
    let client = loop {
        let options = async_nats::ConnectOptions::with_token(text("/keys/native"));
        match options.connect(text("/consumers_url")).await {
            Ok(client) => break client,
            Err(error) => assert!(begun.elapsed() < Duration::from_mins(1), "nobody is let in: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let mut heard = client.subscribe(format!("docket.events.{}.project.>", text("/workspace_id"))).await.expect("sent");
    client.flush().await.expect("sent");
    let path = format!("{}/v1/projects", text("/url"));
    // A subscription hears what happens while it is connected: should it be cut off, the next one is heard.
    for _ in 0..60 {
        let project = reqwest::Client::new().post(&path).bearer_auth(text("/keys/native"));
        let made = project.json(&serde_json::json!({"name": "Website"})).send().await.expect("an answer");
        assert_eq!(made.status(), 201);
        if let Ok(message) = tokio::time::timeout(Duration::from_secs(1), heard.next()).await {
            assert!(message.expect("a message").subject.ends_with(".project.created"));
            return;
        }
    }
    panic!("nothing is heard");
}

#[tokio::test]
async fn docket_dev_prints_one_line_stops_in_time_and_survives_a_kill() {
    let data = Data::new().await;
    let first = Docket::start(&data.0);
    let told = first.ready.clone();
    for pointer in ["/url", "/nats_url", "/consumers_url", "/database_url", "/workspace_id"] {
        assert!(told.pointer(pointer).is_some_and(Value::is_string), "no {pointer} in {told}");
    }
    for dialect in ["native", "ikreo", "krokanti", "pike", "projekt", "generic"] {
        assert!(told["keys"][dialect].is_string(), "no key for {dialect} in {told}");
    }
    let health = format!("{}/healthz", told["url"].as_str().expect("a URL"));
    assert!(reqwest::get(&health).await.expect("an answer").status().is_success());

    hears(&told).await;

    first.end("KILL");
    let second = Docket::start(&data.0);
    assert_eq!(second.ready["keys"], told["keys"]);
    assert_eq!(second.ready["workspace_id"], told["workspace_id"]);

    let (status, took) = second.end("TERM");
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(10), "took {took:?}");
    assert_eq!(at_work_in(&data.0), Vec::<String>::new());
}
