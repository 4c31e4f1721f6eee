//! What is sent again, and what is sent by many at once: one effect each, for whoever sent it.

use std::collections::BTreeMap;

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::operation::types;
use super::things::{Things, settled};
use super::{Case, Expected, World, header};
use crate::probes::places::Place;
use crate::server::Answer;

/// Operations that make something, with a text of it that can be another one.
fn makes(world: &World) -> Vec<(Place<'_>, &'static str)> {
    let mut all = Vec::new();
    for place in world.requests().into_iter().filter(|place| place.operation.method == Method::POST) {
        // A timer that is started again, or a label that is put on again, is not another one.
        if place.operation.path.contains("/time-entries")
            || place.operation.path.contains("/start")
            || place.operation.path.ends_with("{id}/labels")
        {
            continue;
        }
        let members = place.api.members(&place.operation);
        let mut free = ["title", "name", "note", "body", "label"].into_iter();
        if let Some(name) = free.find(|name| members.iter().any(|(known, _)| known == name)) {
            all.push((place, name));
        }
    }
    all
}

fn id_of(answer: &Answer) -> Value {
    let body = answer.json();
    if body["data"].is_object() { body["data"]["id"].clone() } else { body["id"].clone() }
}

/// Of each operation that makes something: the same key with the same body makes nothing again; with another body, or at
/// another operation, it is refused; for another workspace it is a key of its own.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_twice_happens_once() {
    let world = World::new().await;
    let other = world.server.another_workspace().await;
    let (theirs, their_key) = (Things::make(&world.server, &other, "theirs").await, &other.keys[0].token);
    let makes = makes(&world);
    assert!(makes.len() > 20, "{}", makes.len());
    for (nth, (place, name)) in makes.iter().enumerate() {
        let what = format!("{} {}{}", place.operation.method, place.api.mount, place.operation.path);
        let case = |things: &Things, text: &str, key: String| {
            let (mut case, asked) = (world.case(place, "", Expected::Status(&[])), place.asked(things, ""));
            let mut body = asked.body.expect("a body");
            body[name] = json!(text);
            case.target = asked.target;
            case.headers.extend([header("idempotency-key", &key)]);
            case.saying(body.to_string())
        };
        let key = format!("k{nth}");
        let text = format!("T{nth}");
        let post = async |text: &str| world.send(&case(&world.own, text, key.clone())).await;
        let (first, second) = (post(&text).await, post(&text).await);
        assert!(first.status.is_success(), "{what}: {}", first.text);
        assert_eq!((second.status, id_of(&second)), (first.status, id_of(&first)), "{what}: {}", second.text);
        settled(&world.server).await;
        let written = world.written().await;
        let refused = post(&format!("{text}b")).await;
        assert!(Expected::Status(&[422]).fits(place.api.mount, &refused), "{what}: {}", refused.text);
        // What makes other things, or the same elsewhere, was not answered before.
        let (elsewhere, other_name) = &makes[(nth + 1) % makes.len()];
        let mut at_another = world.case(elsewhere, "", Expected::Status(&[422]));
        at_another.headers.extend([header("idempotency-key", &key)]);
        let refused = world.send(&at_another).await;
        assert!(at_another.expected.fits(at_another.mount, &refused), "{what}, then {other_name}: {}", refused.text);
        assert_eq!(world.written().await, written, "{what}");
        let mut foreign = case(&theirs, &text, key.clone());
        foreign.token = Some(their_key.clone());
        let foreign = world.send(&foreign).await;
        assert!(foreign.status.is_success(), "{what}: {}", foreign.text);
        assert_eq!(foreign.header("idempotency-replayed"), "", "{what}");
        // Numbers are counted by each workspace for itself.
        assert!(!id_of(&foreign).is_string() || id_of(&foreign) != id_of(&first), "{what}");
    }
}

/// Sixteen who change the same thing from the same state: one does, whatever it is.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_expect_the_same_state_one_wins() {
    let world = World::new().await;
    let mut raced = BTreeMap::new();
    for place in world
        .requests()
        .into_iter()
        .filter(|place| place.operation.method == Method::PATCH && place.api.mount.is_empty())
    {
        let members = place.api.members(&place.operation);
        let free = |(name, schema): &&(String, Value)| {
            ["title", "name", "note", "body", "label"].contains(&name.as_str()) && types(schema).contains(&"string")
        };
        let Some((name, _)) = members.iter().find(free) else { continue };
        let patch = |text: String, tag: &str| {
            let mut case = world.case(&place, "", Expected::Status(&[]));
            case.headers.extend([header("if-match", tag)]);
            case.saying(json!({ name: text }).to_string())
        };
        let get = Case { method: Method::GET, body: None, ..world.case(&place, "", Expected::Status(&[])) };
        let tag = world.send(&get).await.header("etag").to_owned();
        let tag = if tag.is_empty() { "*".to_owned() } else { tag };
        let told = join_all((0..16).map(async |n| world.send(&patch(format!("Racer {n}"), &tag)).await.status)).await;
        let won = told.iter().filter(|status| **status == StatusCode::OK).count();
        let stale = told.iter().filter(|status| **status == StatusCode::PRECONDITION_FAILED).count();
        raced.insert(place.operation.path.clone(), (won, stale));
    }
    assert!(raced.len() > 12 && raced.values().all(|told| *told == (1, 15)), "{raced:?}");
}
