//! NATS for consumers, over a real server: who comes in, what they hear, and what they can't do.

mod clients;
mod guests;
mod hostile;
mod lossy;
pub mod world;

use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;

use world::{PATIENCE, World, fetch, hears_of_project, next, receive};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_hears_its_workspace_and_its_member_and_nobody_else() {
    let world = World::start().await;
    let (ada, adas) = world.server.member("ada", "member").await;
    let me =
        crate::server::send(crate::server::ask(&world.server.url, &adas, reqwest::Method::GET, "/v1/me")).await.json();
    let (client, complaints) = world.connect(me["key"]["id"].as_str().expect("an id"), &adas).await;
    let workspace = world.workspace();
    let mut events =
        client.subscribe(world.subject(&format!("events.{workspace}.project.>"))).await.expect("a subscription");
    let mut notices =
        client.subscribe(world.subject(&format!("notify.{workspace}.{ada}.>"))).await.expect("a subscription");
    let mut keys = client.subscribe(world.subject(&format!("events.{workspace}.>"))).await.expect("a subscription");
    let owner = world.server.workspace.owner_id;
    let mut refused = Vec::new();
    for subject in [
        ">".to_owned(),
        world.subject(">"),
        world.subject("notify.*.>"),
        world.subject(&format!("notify.{workspace}.>")),
        world.subject(&format!("notify.{workspace}.{owner}.>")),
        world.subject(&format!("events.{}.>", uuid::Uuid::new_v4())),
        world.subject("ev.>"),
        "_INBOX.>".to_owned(),
        "$JS.>".to_owned(),
        "$SYS.>".to_owned(),
    ] {
        refused.push(client.subscribe(subject).await.expect("sent"));
    }
    let key = me["key"]["id"].as_str().expect("an id");
    let mut publishes = world.forbidden_requests();
    // Nor about its own consumer.
    publishes.extend(
        ["CREATE", "DELETE", "INFO"].map(|what| format!("$JS.API.CONSUMER.{what}.{}.key-{key}", world.stream())),
    );
    publishes.extend(
        [format!("events.{workspace}.project.created"), "ev.0.x.task.created".to_owned()]
            .map(|rest| world.subject(&rest)),
    );
    for subject in &publishes {
        client.publish(subject.clone(), "{}".into()).await.expect("sent");
    }
    client.flush().await.expect("sent");
    let begun = Instant::now();
    while complaints.of_permissions() < refused.len() + publishes.len() {
        assert!(begun.elapsed() < PATIENCE, "{:?}", complaints.0.lock());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    world.key(json!({"service_role": "viewer", "scopes": ["tasks:read"]})).await;
    let project = world.server.project("Website").await;
    world.server.post("/v1/notifications", json!({"title": "For the owner"})).await;
    world.server.post("/v1/notifications", json!({"title": "For Ada", "recipient_ids": [ada]})).await;
    let (subject, event) = next(&mut events).await;
    assert_eq!(subject, world.subject(&format!("events.{workspace}.project.created")));
    assert_eq!((&event["specversion"], &event["partitionkey"]), (&json!("1.0"), &json!(project)));
    // What happened before may be told late: that she was invited, and whatever else has made her a member.
    let mut told = next(&mut notices).await.1;
    if told["data"]["state"]["kind"] == "invited" {
        told = next(&mut notices).await.1;
    }
    assert_eq!(told["data"]["state"]["title"], "For Ada");
    // What happens to keys is not for members.
    let mut heard = Value::Null;
    while heard != "project.created" {
        heard = next(&mut keys).await.1["type"].clone();
        assert!(!heard.to_string().contains("api_key"), "{heard}");
    }
    // Nothing came of what was asked for.
    let outside = world.outside().await;
    assert!(outside.get_info().await.expect("a stream").state.messages > 0);
    outside.consumer_info(format!("key-{key}")).await.expect("a consumer");
    for mut silent in refused {
        assert!(timeout(Duration::from_millis(20), silent.next()).await.map_or(true, |message| message.is_none()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_gets_all_of_it_once() {
    let world = World::start().await;
    let (id, token) = world.key(json!({"service_role": "admin", "scopes": ["events:read"]})).await;
    let (client, _) = world.connect(&id, &token).await;
    let project = world.server.project("Website").await;
    hears_of_project(&world, &client, &id).await;
    drop(client);
    for n in 0..50 {
        world.server.task(&project, &format!("{n}")).await;
    }
    let (client, _) = world.connect(&id, &token).await;
    let numbers =
        |all: Vec<Value>| all.iter().map(|one| one["data"]["resource"]["number"].as_i64()).collect::<Vec<_>>();
    let expected: Vec<_> = (1..=50).map(Some).collect();
    assert_eq!(numbers(fetch(&world, &client, &id, 50).await), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_acknowledged_comes_again_in_its_place() {
    let world = World::start().await;
    let (id, token) = world.key(json!({"service_role": "viewer", "scopes": ["events:read"]})).await;
    let (client, _) = world.connect(&id, &token).await;
    let project = world.server.project("Website").await;
    for n in 0..6 {
        world.server.task(&project, &format!("{n}")).await;
    }
    let titles = |all: &[Value]| all.iter().map(|one| one["data"]["state"]["title"].clone()).collect::<Vec<_>>();
    hears_of_project(&world, &client, &id).await;
    assert_eq!(titles(&fetch(&world, &client, &id, 2).await), ["0", "1"]);
    receive(&world, &client, &id, 2).await;
    drop(client);
    let (client, _) = world.connect(&id, &token).await;
    assert_eq!(titles(&fetch(&world, &client, &id, 4).await), ["2", "3", "4", "5"]);
}

/// The numbers of tasks in what was received, each where it came first.
async fn numbers(world: &World, client: &async_nats::Client, id: &str, last: i64) -> Vec<i64> {
    let mut numbers = Vec::new();
    while numbers.last() != Some(&last) {
        let event = fetch(world, client, id, 1).await.remove(0);
        numbers.extend(event["data"]["resource"]["number"].as_i64().filter(|number| !numbers.contains(number)));
    }
    numbers
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_and_goes_while_others_come_with_the_same_key_misses_nothing() {
    let world = World::start().await;
    let (id, token) = world.key(json!({"service_role": "viewer", "scopes": ["events:read"]})).await;
    let (mut client, _) = world.connect(&id, &token).await;
    let project = world.server.project("Website").await;
    hears_of_project(&world, &client, &id).await;
    for round in 1..=10 {
        for n in 0..5 {
            world.server.task(&project, &format!("{round} {n}")).await;
        }
        receive(&world, &client, &id, 2).await;
        drop(client);
        let (stays, ()) = tokio::join!(world.connect(&id, &token), world.lines_that_are_cut(&token, 8));
        client = stays.0;
    }
    // Once nobody is on the way any more, all of it comes in order.
    drop(client);
    let (client, _) = world.connect(&id, &token).await;
    assert_eq!(numbers(&world, &client, &id, 50).await, (1..=50).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_after_a_node_that_was_killed_in_between_misses_nothing() {
    let world = World::start().await;
    let (id, token) = world.key(json!({"service_role": "viewer", "scopes": ["events:read"]})).await;
    let (client, _) = world.connect(&id, &token).await;
    let project = world.server.project("Website").await;
    hears_of_project(&world, &client, &id).await;
    for n in 0..5 {
        world.server.task(&project, &format!("{n}")).await;
    }
    receive(&world, &client, &id, 2).await;
    drop(client);
    // What such a node leaves: the bookmark, and no consumer.
    let stream = world.outside().await;
    let info = stream.consumer_info(format!("key-{id}")).await.expect("a consumer");
    let start_sequence = info.ack_floor.stream_sequence + 1;
    let mark = pull::Config {
        durable_name: Some(format!("at-{id}")),
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence },
        ..pull::Config::default()
    };
    stream.create_consumer(mark).await.expect("a bookmark");
    stream.delete_consumer(&format!("key-{id}")).await.expect("deleted");
    let (client, _) = world.connect(&id, &token).await;
    assert_eq!(numbers(&world, &client, &id, 5).await, [1, 2, 3, 4, 5]);
    assert!(stream.consumer_info(format!("at-{id}")).await.is_err(), "the bookmark stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_does_not_hear_who_was_erased() {
    let world = World::start().await;
    let scopes = json!({"service_role": "admin", "scopes": ["events:read"]});
    let (away, aways) = world.key(scopes.clone()).await;
    drop(world.connect(&away, &aways).await);
    let (there, theres) = world.key(scopes).await;
    let (client, _) = world.connect(&there, &theres).await;
    let until = async |client: &async_nats::Client, id: &str, what: &str| {
        let mut heard = Vec::new();
        while heard.last().is_none_or(|last: &Value| last["type"] != what) {
            heard.extend(fetch(&world, client, id, 1).await);
        }
        heard.iter().map(Value::to_string).collect::<Vec<_>>()
    };
    let body = json!({"email": "quastenflosser@example.com", "name": "Quastenflosser"});
    let member = world.server.made("/v1/members", body).await;
    world.server.patch(&format!("/v1/members/{member}"), json!({"name": "Dr. Quastenflosser"})).await;
    assert!(until(&client, &there, "member.renamed").await.iter().any(|one| one.contains("Quastenflosser")));
    let erased = world.server.delete(&format!("/v1/members/{member}/personal-data")).await;
    assert_eq!(erased.status, reqwest::StatusCode::NO_CONTENT, "{}", erased.text);
    let heard = until(&client, &there, "member.erased").await;
    assert!(heard.iter().all(|one| !one.contains("uastenflosser")), "{heard:#?}");
    let (client, _) = world.connect(&away, &aways).await;
    let heard = until(&client, &away, "member.erased").await;
    assert!(heard.iter().all(|one| !one.contains("uastenflosser")), "{heard:#?}");
}
