//! What nobody but the server says: in the parts of our bodies it is refused by its place; in what other products'
//! clients create it is passed over, and nothing comes to be as they say.

use reqwest::Method;
use serde_json::{Value, json};

use super::fields::NOT_YOURS;
use super::operation::{Api, types};
use super::things::{kind_of, prefixed, settled};
use super::{Expected, UNKNOWN, World};
use crate::probes::bodies::{self, Step};
use crate::probes::places::Place;
use crate::server::{Server, ask, send};

/// An object in a body: the body, where the object is, as problems say it, and its schema.
struct Part {
    body: Value,
    pointer: String,
    schema: Value,
}

/// All objects in the bodies that an operation takes, but for the bodies themselves.
fn parts(world: &World, place: &Place<'_>) -> Vec<Part> {
    let (api, schema) = (place.api, place.api.body(&place.operation).expect("a body"));
    if !place.operation.is_batch() {
        return within(api, &Part { body: bodies::usual(place, &world.own), pointer: String::new(), schema });
    }
    let command = api.schema(&api.schema(&schema["properties"]["commands"])["items"]);
    let mut all = Vec::new();
    for (name, member) in command["properties"].as_object().expect("members") {
        let op = match name.as_str() {
            "op" | "id" | "if_version" => continue,
            "set" => "update",
            _ => "create",
        };
        let body = bodies::with(place, &world.own, Some(op), &[Step::Member("op".to_owned())], op);
        // With nothing in it that may be missed first.
        let bare = json!({ "commands": [{ "op": op }] });
        all.push(Part { body: bare, pointer: "/commands/0".to_owned(), schema: command.clone() });
        let part = Part { body, pointer: format!("/commands/0/{name}"), schema: api.schema(member) };
        all.extend(within(api, &part));
        all.push(part);
    }
    all
}

/// The objects in an object, each by itself or the first of a list, with nothing in them yet.
fn within(api: &Api, part: &Part) -> Vec<Part> {
    let mut all = Vec::new();
    for (name, member) in part.schema["properties"].as_object().into_iter().flatten() {
        let member = api.schema(member);
        let is_list = types(&member).contains(&"array");
        let (schema, empty, step) =
            if is_list { (api.schema(&member["items"]), json!([{}]), "/0") } else { (member, json!({}), "") };
        if !schema["properties"].is_object() {
            continue;
        }
        let mut body = part.body.clone();
        body.pointer_mut(&part.pointer).expect("an object")[name] = empty;
        all.push(Part { body, pointer: format!("{}/{name}{step}", part.pointer), schema });
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sets_what_the_server_sets_in_any_part_of_a_body() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in world.with_body().into_iter().filter(|place| place.api.mount.is_empty()) {
        for Part { body, pointer, schema } in parts(&world, &place) {
            for name in NOT_YOURS.into_iter().filter(|name| schema["properties"].get(name).is_none()) {
                let at = format!("{pointer}/{name}");
                let mut body = body.clone();
                body.pointer_mut(&pointer).expect("an object")[name] = json!(UNKNOWN);
                let case = world.case(&place, at.clone(), Expected::At(422, at));
                cases.push(case.saying(body.to_string()));
            }
        }
    }
    for part in ["/0/task/", "/0/set/", "/phases/0/", "/0/phase/", "/project_statuses/0/", "/subject/"] {
        assert!(cases.iter().any(|case| case.what.contains(part)), "no body has {part}");
    }
    assert!(cases.len() > 500, "{}", cases.len());
    world.hold(cases).await;
}

/// A number that nothing comes to have.
const NUMBER: u32 = 987_654_321;
/// A day on which nothing was done here.
const THEN: &str = "1999-12-31T23:59:59Z";

/// What only the server says of something new, as somebody else would say it, where it is no member of the body.
fn forged(place: &Place<'_>, workspace: &str) -> Vec<(&'static str, Value)> {
    let id = match place.api.mount {
        "/ikreo" => json!(NUMBER),
        "/generic" => {
            let kind = kind_of("id", &format!("{}/{{id}}", place.operation.path)).unwrap_or_default();
            json!(prefixed(kind, UNKNOWN).expect("a kind that has such names"))
        }
        _ => json!(UNKNOWN),
    };
    let mut all = vec![("id", id)];
    all.extend(["workspace_id", "workspaceId", "org_id", "company_id"].map(|name| (name, json!(workspace))));
    all.extend(["created_by", "createdBy", "owner_id", "ownerId"].map(|name| (name, json!(UNKNOWN))));
    all.extend(["created_at", "createdAt", "deleted_at", "deletedAt"].map(|name| (name, json!(THEN))));
    all.extend(["version", "seq", "number"].map(|name| (name, json!(NUMBER))));
    all.extend(["is_admin", "isAdmin", "deleted"].map(|name| (name, json!(true))));
    let known = place.api.members(&place.operation);
    all.retain(|(name, _)| known.iter().all(|(known, _)| known != name));
    all
}

/// All that other products' clients can create, as we show it to this key.
async fn shown(server: &Server, key: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for list in ["projects", "tasks", "sprints", "spaces", "timelogs"] {
        let answer = send(ask(&server.url, key, Method::GET, &format!("/v1/{list}?limit=100"))).await;
        assert_eq!(answer.status, 200, "{list}: {}", answer.text);
        all.extend(answer.json()["data"].as_array().expect("a list").iter().cloned());
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_clients_create_is_not_what_only_the_server_says() {
    let world = World::new().await;
    let server = &world.server;
    let other = server.another_workspace().await;
    let (workspace, stranger) = (other.workspace_id.to_string(), &other.keys[0].token);
    settled(server).await;
    let (before, theirs) = (shown(server, server.key()).await, shown(server, stranger).await);
    let mut made = 0;
    for place in world.with_body().into_iter().filter(|place| !place.api.mount.is_empty()) {
        let path = &place.operation.path;
        if place.operation.method != Method::POST || !place.operation.steps().is_empty() {
            continue;
        }
        let mut body = bodies::usual(&place, &world.own);
        // Time is worked for something, and ends.
        if path.contains("/time-entries") {
            body["project_id"] = json!(place.own(&world.own, "project_id"));
        }
        if path.ends_with("/time-entries") {
            body["duration_seconds"] = json!(60);
        }
        let case = |body: &Value| world.case(&place, path, Expected::Status(&[])).saying(body.to_string());
        let plain = world.send(&case(&body).rehearsed()).await;
        let forged = forged(&place, &workspace);
        for (name, value) in &forged {
            body[*name] = value.clone();
        }
        let answer = world.send(&case(&body)).await;
        let what = format!("{}{path}: {}", place.api.mount, answer.text);
        assert_eq!(answer.status.is_success(), plain.status.is_success(), "{what}\n  but {}", plain.text);
        for (name, value) in forged.iter().filter(|(_, value)| answer.status.is_success() && !value.is_boolean()) {
            assert!(!answer.text.contains(&value.to_string()), "{name}: {what}");
        }
        made += usize::from(answer.status == 201);
    }
    assert!(made > 10, "{made}");
    settled(server).await;
    let after = shown(server, server.key()).await;
    assert_eq!(after.len(), before.len() + made, "all of it is here, and can be seen");
    let number = NUMBER.to_string();
    for one in after.iter().map(Value::to_string) {
        for mark in [UNKNOWN, &workspace, &THEN[..10], &number, "is_admin", "isAdmin"] {
            assert!(!one.contains(mark), "{mark}: {one}");
        }
    }
    assert_eq!(shown(server, stranger).await, theirs, "nothing is another workspace's");
}
