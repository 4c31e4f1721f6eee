//! How fast one is sent to: as much at a time as its receiver takes, but what happened to one thing in order.

use std::collections::HashSet;

use docket_api::config::Role;
use serde_json::{Value, json};

use super::receiver::{Got, Receiver};
use super::{hurry, is_in_order, put_off, server, webhook};
use crate::server::Server;

/// So many tasks, changed so often after that, each time all at once.
async fn changes(server: &Server, tasks: usize, rounds: usize) -> usize {
    let project = server.project("Website").await;
    let create = |n| json!({"op": "create", "task": {"project_id": project, "title": format!("Task {n}.")}});
    let made = batch(server, (0..tasks).map(create).collect()).await;
    let ids: Vec<_> =
        made["results"].as_array().expect("results").iter().map(|one| one["task"]["id"].clone()).collect();
    for round in 0..rounds {
        let change = |id| json!({"op": "update", "id": id, "set": {"description": format!("{round}")}});
        batch(server, ids.iter().map(change).collect()).await;
    }
    tasks * (rounds + 1)
}

async fn batch(server: &Server, commands: Vec<Value>) -> Value {
    let made = server.post("/v1/tasks/batch", json!({"mode": "atomic", "commands": commands})).await;
    assert_eq!(made.status, reqwest::StatusCode::OK, "{}", made.text);
    made.json()
}

fn ids(got: &[Got]) -> HashSet<&str> {
    got.iter().map(|one| one.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_takes_their_time_is_sent_much_at_once_and_of_each_thing_one_after_another() {
    let (server, receiver) = (server().await, Receiver::start().await);
    receiver.take_time(20);
    webhook(&server, "CI", &receiver.url(), json!({"event_types": ["task.*"]})).await;
    let count = changes(&server, 60, 4).await;
    let got = receiver.take(count).await;
    assert_eq!(ids(&got).len(), count, "each came once");
    assert!(is_in_order(&got));
    let (most, of_one) = receiver.most();
    assert!((4..=32).contains(&most) && of_one == 1, "{most} at a time, {of_one} of one thing");
    assert!(receiver.connections() < count / 2, "{} connections for {count} messages", receiver.connections());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_holds_up_what_comes_after_and_what_was_taken_is_not_sent_again() {
    let (server, receiver) = (server().await, Receiver::start().await);
    receiver.take_time(5);
    receiver.refuse(Some("Task 40."));
    let id = webhook(&server, "CI", &receiver.url(), json!({"event_types": ["task.*"]})).await;
    let count = changes(&server, 80, 1).await;
    let path = format!("/v1/webhooks/{id}/deliveries");
    let log = put_off(&server, &path, 1).await;
    assert!(log["failing_since"].is_string(), "{log}");
    receiver.refuse(None);
    hurry(&server).await;
    let mut got = Vec::new();
    while ids(&got).len() < count {
        got.extend(receiver.take(1).await);
    }
    let mut seen = HashSet::new();
    let (first, again): (Vec<Got>, Vec<Got>) = got.into_iter().partition(|one| seen.insert(one.id.clone()));
    assert!(!again.is_empty() && again.iter().all(|one| one.body.contains("Task 40.")), "{again:?}");
    assert!(is_in_order(&first));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_goes_on_where_one_stopped_and_sends_little_twice() {
    let server = Server::start_with(|config| config.roles = vec![Role::Api, Role::Projector]).await;
    let receiver = Receiver::start().await;
    receiver.take_time(10);
    webhook(&server, "CI", &receiver.url(), json!({"event_types": ["task.*"]})).await;
    let count = changes(&server, 100, 2).await;
    let serve = |config: &mut docket_api::Config| {
        config.webhook_networks = vec!["127.0.0.0/8".parse().expect("a network")];
    };
    let mut got = Vec::new();
    for part in [50, 100, count] {
        let (_, node) = server.another_node_with(serve).await;
        while ids(&got).len() < part {
            got.extend(receiver.take(1).await);
        }
        drop(node);
    }
    // What was on its way when a node stopped is not known to be taken, and what had not been written down.
    assert!(got.len() <= count + 2 * 100, "{} for {count}", got.len());
    let mut first = HashSet::new();
    let first: Vec<_> = got.iter().filter(|one| first.insert(&one.id)).cloned().collect();
    assert!(is_in_order(&first));
}
