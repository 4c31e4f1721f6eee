//! The demo workspace: what it has to show at a first look.

use docket_api::cli::client::{self, Client};
use docket_api::cli::demo;
use serde_json::Value;

use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn there_is_something_to_see_everywhere() {
    let server = Server::start().await;
    let as_owner = client::Server { url: server.url.clone(), key: server.key().to_owned() };
    let client = Client::new(as_owner).expect("a client");
    demo::fill(&client, 40).await.expect("filled");
    for list in [
        "projects",
        "tasks",
        "sprints",
        "timelogs",
        "members",
        "teams",
        "positions",
        "spaces",
        "labels",
        "customers",
        "notifications",
    ] {
        let total = server.get(&format!("/v1/{list}?limit=1")).await.json()["total"].as_i64();
        assert!(total.is_some_and(|total| total > 0), "no {list}: {total:?}");
    }
    let closed = server.get("/v1/sprints?status=closed").await.json()["data"][0].take();
    let (sprint, project) = (closed["id"].as_str().expect("one"), closed["project_id"].as_str().expect("one"));

    // Work went on from day to day.
    let burndown = server.get(&format!("/v1/sprints/{sprint}/burndown")).await.json();
    let days = burndown["data"].as_array().expect("days");
    let mut remaining: Vec<_> = days.iter().filter_map(|day| day["remaining"]["points"].as_i64()).collect();
    let fell = remaining.is_sorted_by(|one, next| one >= next);
    remaining.dedup();
    assert!(fell && remaining.len() > 4, "{remaining:?}");
    let velocity = server.get(&format!("/v1/reports/velocity?project_id={project}")).await.json();
    assert!(velocity["data"][0]["done"]["points"].as_i64().is_some_and(|points| points > 0), "{velocity}");
    for group in ["member", "project", "customer", "day", "task"] {
        let time = server.get(&format!("/v1/reports/time?group_by={group}")).await.json();
        assert!(time["data"][0]["seconds"].as_i64().is_some_and(|seconds| seconds > 0), "{group}: {time}");
    }
    let flow = server.get("/v1/reports/cumulative-flow").await.json();
    assert!(flow["data"].as_array().is_some_and(|days| days.iter().any(|day| count(&day["done"]) > 0)), "{flow}");

    // A second filling adds tasks, and nothing else twice.
    let sprints = server.get("/v1/sprints").await.json()["total"].clone();
    demo::fill(&client, 1).await.expect("filled again");
    assert_eq!(server.get("/v1/sprints").await.json()["total"], sprints);
}

fn count(amount: &Value) -> i64 {
    amount.as_i64().or(amount["tasks"].as_i64()).unwrap_or_default()
}
