//! Rate limits over real servers: what several nodes let through together, what is told on which answer, and what
//! happens when the nodes can't ask each other.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use docket_api::Config;
use docket_api::limits::{Asker, Clock, Limits, Mount, Settings};
use docket_commands::Usage;
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use crate::harness::{self, TestDb};
use crate::server::{Answer, Server, ask, send};

const START: i64 = 1_800_000_000_000;
/// So long nodes wait for the database here: one that is late only once would count alone.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Some nodes' limits over one database, and the time they all have.
struct Nodes {
    db: TestDb,
    time: Arc<AtomicI64>,
    all: Vec<Limits>,
}

impl Nodes {
    async fn new(limits: &[&str], count: usize) -> Self {
        let (db, time) = (harness::database().await, Arc::new(AtomicI64::new(START)));
        let mut nodes = Self { db, time, all: Vec::new() };
        for _ in 0..count {
            nodes.join(limits).await;
        }
        nodes.step().await;
        nodes
    }

    async fn join(&mut self, limits: &[&str]) {
        let shared = Usage::open(&self.db.url, Uuid::new_v4()).await.expect("a record");
        let node = Limits::new(&settings(limits, &self.time), Some(shared)).expect("limits");
        node.step().await;
        self.all.push(node);
    }

    async fn step(&self) {
        for node in &self.all {
            node.step().await;
        }
    }

    /// How many pass of so many requests that this peer sends to all nodes at once.
    async fn passed(&self, peer: u8, sent: usize) -> usize {
        let asker = Asker::Peer(IpAddr::V4(Ipv4Addr::new(10, 0, 0, peer)));
        let asked = (0..sent).map(|n| {
            let node = &self.all[n % self.all.len()];
            async move { node.check(Mount::Projekt, &asker, &Method::GET, "/tasks").await.allowed() }
        });
        join_all(asked).await.into_iter().filter(|passed| *passed).count()
    }

    fn pass(&self, millis: i64) {
        self.time.fetch_add(millis, Ordering::Relaxed);
    }
}

fn settings(limits: &[&str], time: &Arc<AtomicI64>) -> Settings {
    let limits = limits.iter().map(|line| (*line).to_owned()).collect();
    Settings { limits, clock: Clock::showing(time.clone()), patience: Some(PATIENCE), ..Settings::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_let_through_hardly_more_than_one() {
    for (peer, cap) in [(1, 10), (2, 100), (3, 600), (4, 3_000)] {
        let line = format!("projekt peer {cap}/1m");
        let nodes = Nodes::new(&[&line], 3).await;
        for minute in 0..2 {
            let passed = nodes.passed(peer, cap * 3).await;
            assert!((cap..=cap + cap / 20).contains(&passed), "{passed} of {cap} in minute {minute}");
            nodes.step().await;
            assert_eq!(nodes.passed(peer, 30).await, 0, "all know that it is enough");
            nodes.pass(60_000);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_slides_slides_on_all_nodes() {
    let nodes = Nodes::new(&["projekt peer 600/1m"], 3).await;
    let mut at = Vec::new();
    for _ in 0..40 {
        let passed = nodes.passed(1, 60).await;
        at.push((nodes.time.load(Ordering::Relaxed), passed));
        nodes.step().await;
        nodes.pass(3_700);
    }
    for (start, _) in &at {
        let within = at.iter().filter(|(time, _)| (*start..start + 60_000).contains(time));
        let passed: usize = within.map(|(_, passed)| passed).sum();
        assert!(passed <= 660, "{passed} within a minute");
    }
    let all: usize = at.iter().map(|(_, passed)| passed).sum();
    assert!(all > 1_200, "{all} in two and a half minutes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_comes_later_knows_what_was_used() {
    let mut nodes = Nodes::new(&["projekt peer 600/1m"], 1).await;
    assert_eq!(nodes.passed(1, 700).await, 600);
    nodes.join(&["projekt peer 600/1m"]).await;
    nodes.all.remove(0);
    let passed = nodes.passed(1, 700).await;
    assert!(passed <= 30, "{passed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_callers_are_counted_without_asking() {
    let nodes = Nodes::new(&["projekt peer 600/1m"], 3).await;
    let mut admin = PgConnection::connect(&nodes.db.url).await.expect("a connection");
    let mut lock = admin.begin().await.expect("a transaction");
    lock.execute("lock table quota.used in access exclusive mode").await.expect("a lock");
    // Ten for each node; nobody waits for the table.
    assert_eq!(nodes.passed(1, 30).await, 30);
    drop(lock);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_cannot_ask_count_alone() {
    let nodes = Nodes::new(&["projekt peer 60/1m"], 3).await;
    let mut admin = PgConnection::connect(&nodes.db.url).await.expect("a connection");
    admin.execute("alter table quota.used rename to gone").await.expect("no table");
    assert_eq!(nodes.passed(1, 300).await, 180, "each its own");
    admin.execute("alter table quota.gone rename to used").await.expect("a table");
    nodes.step().await;
    nodes.pass(2_000);
    nodes.step().await;
    assert_eq!(nodes.passed(1, 60).await, 0, "what was counted meanwhile is known afterwards");
    nodes.pass(60_000);
    let passed = nodes.passed(1, 300).await;
    assert!((60..=63).contains(&passed), "{passed}");
}

fn limited(time: &Arc<AtomicI64>, limits: &[&str]) -> impl Fn(&mut Config) {
    let settings = settings(limits, time);
    move |config: &mut Config| config.limits = settings.clone()
}

async fn get(url: &str, key: &str, path: &str) -> Answer {
    send(ask(url, key, Method::GET, path)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_its_quota_whatever_nodes_it_asks() {
    let time = Arc::new(AtomicI64::new(START));
    let with = limited(&time, &["native key 100/1m"]);
    let server = Server::start_with(&with).await;
    let (second, _stop) = server.another_node_with(&with).await;
    let (third, _stop_too) = server.another_node_with(&with).await;
    let urls = [&server.url, &second, &third];
    for _ in 0..2 {
        let mut passed = 0;
        for round in 0..5 {
            let asked = (0..30).map(|n| get(urls[(n + round) % 3], server.key(), "/v1/me"));
            for answer in join_all(asked).await {
                match answer.status {
                    StatusCode::OK => passed += 1,
                    status => {
                        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text);
                        let after: u64 = answer.header("retry-after").parse().expect("seconds");
                        assert!((1..=60).contains(&after), "{after}");
                    }
                }
            }
        }
        assert!((100..=110).contains(&passed), "{passed}");
        let other = &server.workspace.keys[1].token;
        assert_eq!(get(&second, other, "/v1/me").await.status, StatusCode::OK, "another key has its own");
        time.fetch_add(60_000, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_what_is_left() {
    let time = Arc::new(AtomicI64::new(START));
    let server = Server::start_with(limited(&time, &["native key 9/1m", "native workspace 1000/1m"])).await;
    let minted = server.post("/v1/keys", json!({"label": "reader", "scopes": ["projects:read"]})).await;
    let key = minted.json()["token"].as_str().expect("a token").to_owned();
    let read = get(&server.url, &key, "/v1/projects").await;
    assert_eq!(read.status, StatusCode::OK);
    assert_eq!(read.header("ratelimit-policy"), "\"key\";q=9;w=60, \"workspace\";q=1000;w=60");
    assert_eq!(read.header("ratelimit"), "\"key\";r=8;t=60, \"workspace\";r=998;t=60");
    let project = server.project("P").await;
    let path = format!("/v1/projects/{project}");
    // Who wrote it waits until it can be read.
    server.get(&path).await;
    let etag = get(&server.url, &key, &path).await.header("etag").to_owned();
    let again = ask(&server.url, &key, Method::GET, &path).header("if-none-match", etag);
    let unknown = "/v1/projects/00000000-0000-4000-8000-000000000000";
    let post = |body| ask(&server.url, &key, Method::POST, "/v1/projects").json(&body);
    for (left, request, status) in [
        (6, again, StatusCode::NOT_MODIFIED),
        (5, ask(&server.url, &key, Method::GET, unknown), StatusCode::NOT_FOUND),
        (4, ask(&server.url, &key, Method::GET, "/v1/projects?colour=red"), StatusCode::BAD_REQUEST),
        (3, post(json!({})), StatusCode::FORBIDDEN),
        (2, ask(&server.url, &key, Method::HEAD, "/v1/projects"), StatusCode::OK),
        (1, ask(&server.url, &key, Method::GET, "/v1/me"), StatusCode::OK),
        (0, ask(&server.url, &key, Method::GET, "/v1/me"), StatusCode::OK),
        (0, ask(&server.url, &key, Method::GET, "/v1/me"), StatusCode::TOO_MANY_REQUESTS),
    ] {
        let answer = send(request).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert!(answer.header("ratelimit").starts_with(&format!("\"key\";r={left};t=")), "{:?}", answer.headers);
    }
    time.fetch_add(45_000, Ordering::Relaxed);
    let refused = get(&server.url, &key, "/v1/projects").await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "15"));
    assert_eq!(refused.json()["code"], "rate-limited");
    assert_eq!(refused.header("content-type"), "application/problem+json");
    time.fetch_add(15_000, Ordering::Relaxed);
    assert_eq!(get(&server.url, &key, "/v1/projects").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_plan_counts_without_a_restart() {
    let time = Arc::new(AtomicI64::new(START));
    let server = Server::start_with(limited(&time, &["native key 50/1m enterprise=1000"])).await;
    let quota = async || server.get("/v1/me").await.header("ratelimit-policy").to_owned();
    assert_eq!(quota().await, "\"key\";q=1000;w=60");
    let changed = server.patch("/v1/workspace", json!({"plan": "free"})).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while quota().await != "\"key\";q=50;w=60" {
        assert!(std::time::Instant::now() < deadline, "the plan is still the old one");
        time.fetch_add(1_000, Ordering::Relaxed);
    }
}
