//! Callers without a key, with a bad one, or with one that may not; keys of idempotency and preconditions.

use docket_domain::member::Role;
use serde_json::json;

use super::{Case, Expected, World, header};

const UNAUTHORIZED: Expected = Expected::Code(401, "unauthorized");

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_that_works_nothing_is_told() {
    let world = World::new().await;
    let token = world.server.key().to_owned();
    let mut changed = token.clone().into_bytes();
    let last = changed.len() - 1;
    changed[last] = if changed[last] == b'a' { b'b' } else { b'a' };
    let changed = String::from_utf8(changed).expect("a token");
    let mut cases = Vec::new();
    for operation in &world.api.operations {
        let bad = |what: &str, value: Option<String>| {
            let mut case = Case { token: None, ..world.case(operation, what, UNAUTHORIZED) };
            case.headers.extend(value.map(|value| header("authorization", &value)));
            case
        };
        cases.push(bad("none", None));
        for value in ["", "Bearer", "Bearer ", "Basic eDp4", "bearer", "Bearer x", "Bearer eyJhbGciOiJub25lIn0.e30."] {
            cases.push(bad(value, Some(value.to_owned())));
        }
        cases.push(bad("one character changed", Some(format!("Bearer {changed}"))));
        cases.push(bad("10 KB", Some(format!("Bearer {}", "x".repeat(10_000)))));
        let mut cookie = bad("in a cookie", None);
        cookie.headers.extend([header("cookie", &format!("api_key={token}"))]);
        let mut twice = bad("two headers", Some(format!("Bearer {token}")));
        twice.headers.append("authorization", format!("Bearer {token}").parse().expect("a header"));
        cases.extend([cookie, twice]);
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_and_roles_hold_for_every_operation() {
    let world = World::new().await;
    let mint = async |role: &str, scopes: &[&str]| {
        let body = json!({"label": role, "service_role": role, "scopes": scopes});
        let minted = world.server.post("/v1/keys", body).await.json();
        minted["token"].as_str().unwrap_or_else(|| panic!("{minted}")).to_owned()
    };
    let powerless = mint("owner", &["import"]).await;
    let mut by_role = Vec::new();
    for (role, name) in Role::ALL.iter().zip(["viewer", "member", "manager", "admin", "owner"]) {
        by_role.push((*role, mint(name, &["admin"]).await));
    }
    let mut cases = Vec::new();
    for operation in &world.api.operations {
        let rule = docket_api::auth::access::find(&operation.method, &operation.path).expect("a rule");
        if operation.scope().is_some() {
            let case = world.case(operation, "without the scope", Expected::Code(403, "missing-scope"));
            cases.push(Case { token: Some(powerless.clone()), ..case });
        }
        for (role, token) in by_role.iter().filter(|(role, _)| *role < rule.role) {
            let case = world.case(operation, format!("as {role:?}"), Expected::Code(403, "role-too-low"));
            cases.push(Case { token: Some(token.clone()), ..case });
        }
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_idempotency_keys_and_preconditions_are_refused() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for operation in world.api.operations.iter().filter(|operation| operation.writes()) {
        let refused = |what: &str, code| world.case(operation, what, Expected::Code(400, code));
        let long = "k".repeat(256);
        for key in ["", "\"quoted\"", "a b", "it's", &long] {
            let mut case = refused(key, "invalid-idempotency-key");
            case.headers.extend([header("idempotency-key", key)]);
            cases.push(case);
        }
        let mut twice = refused("two keys", "invalid-idempotency-key");
        twice.headers.append("idempotency-key", "a".parse().expect("a key"));
        twice.headers.append("idempotency-key", "b".parse().expect("a key"));
        cases.push(twice);
        for tag in ["7", "\"7", "'7'", "*, \"7\"", "null"] {
            let mut case = refused(tag, "invalid-precondition");
            case.headers.extend([header("if-match", tag)]);
            cases.push(case);
        }
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_answers_like_what_is_not_there() {
    let world = World::new().await;
    let other = world.server.another_workspace().await;
    let token = &other.keys[0].token;
    let mut compared = 0;
    for operation in world.api.operations.iter().filter(|operation| operation.takes_id()) {
        let Some(list) = operation.path.split_once("/{").map(|(list, _)| list) else { continue };
        // What the other workspace has without doing anything: its owner and their keys.
        let page = world.client.get(format!("{}{list}", world.server.url)).bearer_auth(token);
        let page = crate::server::send(page).await.json();
        let Some(id) = page["data"][0]["id"].as_str() else { continue };
        let answer = async |id: &str| {
            let case = Case { target: operation.target(id), ..world.case(operation, "foreign", Expected::Status(&[])) };
            let answer = world.send(&case).await;
            let mut problem = answer.json();
            if let Some(problem) = problem.as_object_mut() {
                problem.remove("request_id");
            }
            (answer.status, problem, answer.header("etag").to_owned())
        };
        let foreign = answer(id).await;
        assert_eq!(foreign, answer(super::UNKNOWN).await, "{} {}", operation.method, operation.path);
        let softened = world.api.needs_members(operation);
        assert!(softened || foreign.0 == 404, "{} {}: {}", operation.method, operation.path, foreign.0);
        compared += 1;
    }
    assert!(compared > 3);
}
