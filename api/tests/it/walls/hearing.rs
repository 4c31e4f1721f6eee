//! What is heard, with the walls taken down that keep it apart: what a connection may subscribe to, what a key's own consumer
//! brings, and row-level security behind all there is to hear.

use std::collections::BTreeSet;

use async_nats::jetstream::consumer::{AckPolicy, Config, pull};
use docket_api::bootstrap::Founding;
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{NO_ROW_SECURITY, carry_out};
use crate::consumers::world::{PATIENCE, World, fetch, next};
use crate::events::listen::Listener;
use crate::server::{ask, send};

/// What the other workspace is called, and all that it has.
const SECRET: &str = "zebrafish";

/// Something happens in the other workspace.
async fn something_happens(world: &World, other: &Founding) {
    let request = ask(&world.server.url, &other.keys[0].token, Method::POST, "/v1/projects");
    let made = send(request.json(&json!({"name": SECRET}))).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

/// A key that hears all of its workspace: its id and its token.
async fn listener(world: &World) -> (String, String) {
    world.key(json!({"service_role": "admin", "scopes": ["events:read"]})).await
}

/// As if nobody's permissions held: every message is on its own workspace's subject all the same, says so, and says nothing
/// of another; and what Docket's processes tell each other and are asked is not there to be heard.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_hears_every_subject_finds_each_workspace_on_its_own_and_nothing_of_dockets() {
    let world = World::start().await;
    let other = world.server.neighbour(SECRET).await;
    let workspaces = BTreeSet::from([world.workspace(), other.workspace_id.to_string()]);
    let unbound = world.operator("out").await;
    let mut heard = unbound.subscribe(">").await.expect("a subscription");
    unbound.flush().await.expect("sent");
    // Somebody comes in, so that the server asks who it is; and things happen to both.
    let (key, token) = listener(&world).await;
    let _client = world.connect(&key, &token).await;
    something_happens(&world, &other).await;
    world.server.project("ours").await;
    let mut found = BTreeSet::new();
    while found != workspaces {
        let message = timeout(PATIENCE, heard.next()).await.expect("in time").expect("a message");
        let subject = message.subject.as_str();
        assert!(!subject.starts_with(&world.subject("ev.")) && !subject.starts_with("$SYS."), "{subject}");
        let Some(rest) = subject.strip_prefix(&world.subject("")) else { continue };
        let of = rest.split('.').nth(1).expect("a workspace");
        let text = String::from_utf8(message.payload.to_vec()).expect("text");
        let event: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(event["source"], json!(format!("/workspaces/{of}")), "{subject}");
        let mut strangers = workspaces.iter().filter(|workspace| *workspace != of);
        assert!(strangers.all(|stranger| !text.contains(stranger.as_str())), "{subject}: {text}");
        assert!(of != world.workspace() || !text.contains(SECRET), "{subject}: {text}");
        if rest.ends_with(".project.created") {
            found.insert(of.to_owned());
        }
    }
}

/// The subjects that a consumer brings.
fn brings(config: Config) -> Vec<String> {
    let one = Some(config.filter_subject).filter(|subject| !subject.is_empty());
    one.into_iter().chain(config.filter_subjects).collect()
}

/// What a consumer brings comes to its key's inbox, whatever it is: no permission looks at that again. So it is put right
/// whenever its key comes in.
#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_was_made_to_bring_everything_brings_its_own_when_its_key_comes() {
    let world = World::start().await;
    let other = world.server.neighbour(SECRET).await;
    let (key, token) = listener(&world).await;
    drop(world.connect(&key, &token).await);
    let (stream, name, everything) = (world.outside().await, format!("key-{key}"), world.subject("events.>"));
    let narrow = stream.consumer_info(&name).await.expect("a consumer").config;
    let wide = pull::Config {
        durable_name: Some(name.clone()),
        filter_subjects: vec![everything.clone()],
        ack_policy: AckPolicy::Explicit,
        deliver_policy: narrow.deliver_policy,
        inactive_threshold: narrow.inactive_threshold,
        ..pull::Config::default()
    };
    stream.create_consumer(wide).await.expect("a wider one");
    assert_eq!(brings(stream.consumer_info(&name).await.expect("a consumer").config), [everything]);

    let operator = world.operator("out").await;
    let theirs = world.subject(&format!("events.{}.project.created", other.workspace_id));
    let mut theirs = operator.subscribe(theirs).await.expect("a subscription");
    operator.flush().await.expect("sent");
    something_happens(&world, &other).await;
    next(&mut theirs).await;
    let project = world.server.project("ours").await;

    let (client, _) = world.connect(&key, &token).await;
    assert_eq!(brings(stream.consumer_info(&name).await.expect("a consumer").config), brings(narrow));
    loop {
        let event = fetch(&world, &client, &key, 1).await.remove(0);
        assert_eq!(event["source"], json!(format!("/workspaces/{}", world.workspace())), "{event}");
        if event["type"] == "project.created" {
            assert_eq!(event["data"]["resource"]["id"], json!(project));
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_row_security_everybody_hears_their_own_by_every_way_there_is() {
    let world = World::start().await;
    let server = &world.server;
    let other = server.neighbour(SECRET).await;
    carry_out(&server.db.url, NO_ROW_SECURITY).await;
    let (key, token) = listener(&world).await;
    let (client, _) = world.connect(&key, &token).await;
    let subject = world.subject(&format!("events.{}.>", world.workspace()));
    let mut over_nats = client.subscribe(subject).await.expect("a subscription");
    client.flush().await.expect("sent");
    let mut over_http = Listener::open(&server.url, server.key(), "/v1/events/stream", None).await;
    something_happens(&world, &other).await;
    server.project("ours").await;

    let mut heard = vec![server.get("/v1/changes?after=0&limit=1000").await.text];
    assert!(heard[0].contains("project.created"), "{heard:?}");
    let mut last = Value::Null;
    while last != "project.created" {
        let event = next(&mut over_nats).await.1;
        heard.push(event.to_string());
        last = event["type"].clone();
    }
    last = Value::Null;
    while last != "project.created" {
        let event = over_http.next().await.expect("an event");
        heard.push(event.to_string());
        last = event["type"].clone();
    }
    let stranger = other.workspace_id.to_string();
    assert!(!heard.iter().any(|text| text.contains(SECRET) || text.contains(&stranger)), "{heard:#?}");
}
