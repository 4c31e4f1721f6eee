//! Who may no longer be there is sent away, by whichever node, and who may not come in stays outside.

use std::time::{Duration, Instant};

use async_nats::{Client, Event};
use serde_json::json;
use tokio::time::timeout;

use super::world::{Complaints, PATIENCE, World, secrets};

/// Waits until whoever has lost their key is sent away: sooner than the nodes count their guests again.
async fn is_sent_away(complaints: &Complaints) {
    complaints.until(|event| matches!(event, Event::Disconnected)).await;
}

async fn comes_in(world: &World, token: &str) -> bool {
    let mut line = world.line(token).await;
    let welcome = async {
        loop {
            match line.says().await {
                said if said.starts_with("PONG") => return true,
                said if said.is_empty() || said.starts_with("-ERR") => return false,
                _ => {}
            }
        }
    };
    timeout(Duration::from_secs(6), welcome).await.unwrap_or(false)
}

/// Waits until somebody comes in: on a busy machine the server may give up on them before it is told that they may.
async fn is_let_in(world: &World, token: &str) {
    let begun = Instant::now();
    while !comes_in(world, token).await {
        assert!(begun.elapsed() < PATIENCE, "nobody is let in");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_sent_away_and_others_do_not_come_in() {
    let world = World::start().await;
    let (id, token) = world.key(json!({"service_role": "viewer", "scopes": ["events:read"]})).await;
    let (_client, complaints) = world.connect(&id, &token).await;
    world.server.delete(&format!("/v1/keys/{id}")).await;
    is_sent_away(&complaints).await;
    let (_, powerless) = world.key(json!({"service_role": "owner", "scopes": ["tasks:read"]})).await;
    for token in [token.as_str(), powerless.as_str(), "x", "dkt_live_x", ""] {
        assert!(!comes_in(&world, token).await, "{token}");
    }
    assert!(async_nats::connect(&world.url).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_ends_or_may_hear_less_is_sent_away() {
    let world = World::start().await;
    let mut key = json!({"service_role": "viewer", "scopes": ["events:read"]});
    // Once somebody has come in, others do without waiting for anything.
    let (id, token) = world.key(key.clone()).await;
    world.connect(&id, &token).await;
    let ends = chrono::Utc::now() + chrono::TimeDelta::seconds(15);
    key["expires_at"] = json!(ends);
    let (id, token) = world.key(key).await;
    let (_client, complaints) = world.connect(&id, &token).await;
    tokio::time::sleep((ends - chrono::Utc::now()).to_std().unwrap_or_default()).await;
    is_sent_away(&complaints).await;
    assert!(!comes_in(&world, &token).await);

    let (ada, adas) = world.server.member("ada", "admin").await;
    let (_client, complaints) = world.connect("x", &adas).await;
    world.server.patch(&format!("/v1/members/{ada}"), json!({"role": "member"})).await;
    is_sent_away(&complaints).await;
    // Who comes again is let in as what they are now.
    let (client, complaints) = world.connect("x", &adas).await;
    let keys = world.subject(&format!("events.{}.api_key.>", world.workspace()));
    let _heard = client.subscribe(keys).await.expect("sent");
    complaints.until(|event| event.to_string().to_lowercase().contains("permissions violation")).await;
    world.server.post(&format!("/v1/members/{ada}/deactivate"), json!({})).await;
    is_sent_away(&complaints).await;
}

/// A guest of one node, which is gone; whether or not another was there meanwhile.
async fn guest_of_a_node_that_is_gone(world: &World) -> (String, Client, Complaints) {
    let serve = |config: &mut docket_api::Config| config.consumers = Some(world.secrets.clone());
    let (_, node) = world.server.another_node_with(serve).await;
    let (id, token) = world.key(json!({"service_role": "viewer", "scopes": ["events:read"]})).await;
    let (client, complaints) = world.connect(&id, &token).await;
    drop(node);
    (id, client, complaints)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_let_in_by_another_node_is_looked_after_all_the_same() {
    let world = World::start_with(secrets(), |_| {}).await;
    let (id, _client, complaints) = guest_of_a_node_that_is_gone(&world).await;
    // Nobody lets anybody in any more, so nobody looks after those who are in.
    let (_, token) = world.key(json!({"service_role": "viewer", "scopes": ["events:read"]})).await;
    while comes_in(&world, &token).await {}
    world.server.delete(&format!("/v1/keys/{id}")).await;
    let serve = |config: &mut docket_api::Config| config.consumers = Some(world.secrets.clone());
    let (_, _node) = world.server.another_node_with(serve).await;
    is_sent_away(&complaints).await;

    let (id, _client, complaints) = guest_of_a_node_that_is_gone(&world).await;
    world.server.delete(&format!("/v1/keys/{id}")).await;
    is_sent_away(&complaints).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_sending_wrong_keys_is_not_heard_for_a_while_and_good_keys_are_none_the_worse() {
    let (secrets, limited) = (secrets(), |config: &mut docket_api::Config| config.limits.no_limits = false);
    let served = secrets.clone();
    let world = World::start_with(secrets, |config| {
        limited(config);
        config.consumers = Some(served);
    })
    .await;
    let scopes = json!({"service_role": "viewer", "scopes": ["events:read"]});
    let (id, wrong) = world.key(scopes.clone()).await;
    world.server.delete(&format!("/v1/keys/{id}")).await;
    let (id, known) = world.key(scopes.clone()).await;
    let (_, new) = world.key(scopes).await;
    world.connect(&id, &known).await;
    let tries = (0..40).map(|_| comes_in(&world, &wrong));
    assert!(futures::future::join_all(tries).await.iter().all(|came| !came));
    // One that is known comes in at once; a new one has to wait until the wrong ones are forgotten.
    is_let_in(&world, &known).await;
    assert!(!comes_in(&world, &new).await);
    is_let_in(&world, &new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_ten_connections_and_others_have_theirs() {
    let world = World::start().await;
    let scopes = json!({"service_role": "viewer", "scopes": ["events:read"]});
    let ((id, token), (_, other)) = (world.key(scopes.clone()).await, world.key(scopes).await);
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(world.connect(&id, &token).await);
    }
    // Whoever comes before it is known that the others are there is sent away again.
    let begun = Instant::now();
    while comes_in(&world, &token).await {
        assert!(begun.elapsed() < PATIENCE);
    }
    is_let_in(&world, &other).await;
    clients.pop();
    is_let_in(&world, &token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_who_come_all_at_once_no_more_stay_than_may() {
    let world = World::start().await;
    let (_, token) = world.key(json!({"service_role": "viewer", "scopes": ["events:read"]})).await;
    is_let_in(&world, &token).await;
    let mut coming = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let mut line = world.line(&token).await;
        coming.spawn(async move { while !line.says().await.is_empty() {} });
    }
    for _ in 0..30 {
        timeout(PATIENCE, coming.join_next()).await.expect("in time").expect("one of them").expect("sent away");
    }
    // On a busy machine there may be fewer than those who may stay: the server has given up on some before they came in.
    while let Ok(Some(_)) = timeout(Duration::from_secs(2), coming.join_next()).await {}
    assert!(!coming.is_empty(), "ten may stay");
}
