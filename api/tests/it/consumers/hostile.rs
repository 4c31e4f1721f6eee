//! What consumers may not do to others: send much, subscribe to much, bring a server of their own, or choose subjects by
//! choosing names.

use std::time::{Duration, Instant};

use async_nats::{Client, Event};
use futures::StreamExt;
use serde_json::json;
use tokio::time::timeout;

use super::world::{Complaints, PATIENCE, World, nats_server, next};

async fn guest(world: &World) -> (String, Client, Complaints) {
    let (id, token) = world.key(json!({"service_role": "admin", "scopes": ["events:read"]})).await;
    let (client, complaints) = world.connect(&id, &token).await;
    (id, client, complaints)
}

fn says(words: &'static str) -> impl Fn(&Event) -> bool {
    move |event| event.to_string().to_lowercase().contains(words)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sends_much_or_subscribes_to_much() {
    let world = World::start().await;
    let (_, neighbour, _) = guest(&world).await;
    let mut heard =
        neighbour.subscribe(world.subject(&format!("events.{}.project.>", world.workspace()))).await.expect("sent");
    neighbour.flush().await.expect("sent");

    let (id, token) = world.key(json!({"service_role": "admin", "scopes": ["events:read"]})).await;
    let mut line = world.line(&token).await;
    line.until("pong").await;
    line.send(&format!("PUB $JS.ACK.{}.key-{id}.1.1.1.1.1 1000000\r\n", world.stream())).await;
    line.until("maximum payload violation").await;

    let (_, client, complaints) = guest(&world).await;
    let mut many = Vec::new();
    for n in 0..10_000 {
        many.push(client.subscribe(world.subject(&format!("events.{}.task.e{n}", world.workspace()))).await);
    }
    complaints.until(says("maximum subscriptions exceeded")).await;

    world.server.project("Website").await;
    assert_eq!(next(&mut heard).await.1["type"], "project.created");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_brings_a_server_of_their_own() {
    let world = World::start().await;
    let (_, token) = world.key(json!({"service_role": "owner", "scopes": ["admin"]})).await;
    let address = world.url.strip_prefix("nats://").expect("an address");
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let config = format!(
        "listen: \"127.0.0.1:{port}\"\nleafnodes {{ reconnect: 1, remotes: [{{ url: \"nats://{token}@{address}\" }}] }}\n"
    );
    let _leaf = nats_server(&config).await;
    let begun = Instant::now();
    let client = loop {
        match async_nats::connect(format!("127.0.0.1:{port}")).await {
            Ok(client) => break client,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    // On a server of one's own one may subscribe to everything, but what reaches it is nothing.
    let mut heard = client.subscribe(">").await.expect("sent");
    client.flush().await.expect("sent");
    let (_, neighbour, _) = guest(&world).await;
    let mut events =
        neighbour.subscribe(world.subject(&format!("events.{}.project.>", world.workspace()))).await.expect("sent");
    neighbour.flush().await.expect("sent");
    for n in 0..20 {
        world.server.project(&format!("{n}")).await;
        next(&mut events).await;
    }
    client.publish("own", "x".into()).await.expect("sent");
    let first = timeout(PATIENCE, heard.next()).await.expect("in time").expect("its own message");
    assert_eq!(first.subject.as_str(), "own");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_things_are_called_is_in_no_subject() {
    let world = World::start().await;
    let (_, client, _) = guest(&world).await;
    let mut all = client.subscribe(world.subject(&format!("events.{}.>", world.workspace()))).await.expect("sent");
    client.flush().await.expect("sent");
    let names = ["a.b", "*", ">", "docket.notify.>", "a b", "a\u{2028}PUB x 1", "$SYS.>"];
    for name in names {
        world.server.made("/v1/projects", json!({"name": name})).await;
        world
            .server
            .made("/v1/keys", json!({"label": name, "service_role": "viewer", "scopes": ["events:read"]}))
            .await;
    }
    let (project, key) = ["project.created", "api_key.minted"]
        .map(|event| world.subject(&format!("events.{}.{event}", world.workspace())))
        .into();
    let mut heard = Vec::new();
    while heard.iter().filter(|subject| **subject == project).count() < names.len() {
        let (subject, event) = next(&mut all).await;
        assert!(subject.split('.').all(|token| token.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))));
        assert_eq!(
            subject,
            world.subject(&format!("events.{}.{}", world.workspace(), event["type"].as_str().expect("a type")))
        );
        heard.push(subject);
    }
    assert!(heard.contains(&key));
}
