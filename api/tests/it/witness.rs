//! How far behind the log its proof is, and who is told when that is too far.

use std::time::{Duration, Instant};

use docket_api::config::Role;
use docket_api::signing;
use sqlx::{Connection, PgConnection};

use crate::audit::{opened, settled};
use crate::harness;
use crate::node::Node;
use crate::server::Server;

/// Longer than any machine takes.
const PATIENCE: Duration = Duration::from_mins(3);

/// From how many seconds on the alert is raised.
fn threshold() -> f64 {
    let rules = include_str!("../../../docs/monitoring/rules.yaml");
    let (_, rest) = rules.split_once("expr: max by (partition) (docket_audit_lag_seconds) > ").expect("the alert");
    rest.lines().next().and_then(|line| line.parse().ok()).expect("a number")
}

/// Waits until the partition that is furthest behind is so many seconds behind.
async fn until_behind(node: &Node, is: impl Fn(f64) -> bool) {
    let begun = Instant::now();
    loop {
        let scrape = reqwest::get(&node.metrics).await.expect("metrics").text().await.expect("text");
        let lags = scrape.lines().filter(|line| line.starts_with("docket_audit_lag_seconds{"));
        let lags = lags.map(|line| line.rsplit(' ').next().and_then(|lag| lag.parse().ok()).expect("a number"));
        if lags.reduce(f64::max).is_some_and(&is) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{scrape}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_runs_it_is_told_while_nothing_can_be_signed_and_all_is_signed_afterwards() {
    let key = harness::scratch_file("audit.key", "").with_file_name("witness.key");
    signing::read_or_make(&key).expect("a key");
    let server = Server::start_with(|config| config.roles = vec![Role::Api]).await;
    let environment = [("DOCKET_AUDIT_KEY", key.to_str().expect("a path"))];
    let node = Node::start(&server, "api,relay,projector", &environment).await;
    until_behind(&node, |seconds| seconds <= 0.0).await;

    let mut database = PgConnection::connect(&server.db.url).await.expect("a connection");
    let mut held = database.begin().await.expect("a transaction");
    sqlx::query("lock table audit.trees in access exclusive mode").execute(&mut *held).await.expect("a lock");
    server.project("Late").await;
    let limit = threshold();
    until_behind(&node, |seconds| seconds > limit).await;
    held.rollback().await.expect("an end");
    until_behind(&node, |seconds| seconds <= 0.0).await;

    let all = sqlx::query_scalar("select count(*) from log.events where workspace = $1");
    let all: i64 = all.bind(server.workspace.workspace_id.0).fetch_one(&mut database).await.expect("a number");
    let signed = opened(&settled(&server, "/v1/audit/checkpoint").await.json());
    assert_eq!(i64::try_from(signed.size), Ok(all));
}
