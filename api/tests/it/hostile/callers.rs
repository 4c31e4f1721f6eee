//! Callers without a key, with a bad one, or with one that may not, or may.

use chrono::{TimeDelta, Utc};
use docket_api::auth::access;
use docket_domain::member::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::operation::Operation;
use super::{Case, Expected, UNKNOWN, World, header};
use crate::probes::places::Place;
use crate::server::{ask, send};

const UNAUTHORIZED: Expected = Expected::Code(401, "unauthorized");

/// What is no key: nothing, half of what is asked for, another way to say who one is, tokens of others, one with a character
/// changed, added or repeated.
fn no_keys(token: &str) -> Vec<String> {
    let last = if token.ends_with('a') { 'b' } else { 'a' };
    let changed = format!("{}{last}", &token[..token.len() - 1]);
    let mut all: Vec<String> =
        ["", "Bearer", "Bearer ", "Basic eDp4", "bearer", "Bearer x", "Bearer eyJhbGciOiJub25lIn0.e30."]
            .map(str::to_owned)
            .to_vec();
    all.extend([
        token.to_owned(),
        format!("Token {token}"),
        format!("Bearer {changed}"),
        format!("Bearer {token}{token}"),
        format!("Bearer {token}, Bearer {token}"),
        format!("Bearer {token} x"),
        format!("Bearer \"{token}\""),
        format!("Bearer {token}%20"),
        format!("Bearer {}", token.to_uppercase()),
        format!("Bearer {}", "x".repeat(10_000)),
    ]);
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_that_works_nothing_is_told() {
    let world = World::new().await;
    let token = world.server.key().to_owned();
    let mut cases = Vec::new();
    for place in world.requests().into_iter().filter(|place| place.operation.takes_key()) {
        let bad = |what: &str, values: &[&str]| {
            let mut case = Case { token: None, ..world.case(&place, what, UNAUTHORIZED) };
            for value in values {
                case.headers.append("authorization", value.parse().expect("a value"));
            }
            case
        };
        cases.push(bad("none", &[]));
        cases.extend(no_keys(&token).iter().map(|value| bad(&format!("{value:.40}"), &[value])));
        let good = format!("Bearer {token}");
        cases.extend([bad("two headers", &[&good, &good]), bad("one good, one bad", &[&good, "Bearer x"])]);
        let mut cookie = bad("in a cookie", &[]);
        cookie.headers.extend([header("cookie", &format!("api_key={token}"))]);
        cases.push(cookie);
        // In the address only where a product's clients put it there, and by that name.
        for name in ["access_token", "key", "token", "api_key"] {
            let mut case = bad("in the address", &[]);
            let known = (place.api.mount, name) == ("/ikreo", "api_key");
            case.add(&format!("{name}={token}{}", if known { "%20" } else { "" }));
            cases.push(case);
        }
    }
    world.hold(cases).await;
}

/// Keys that worked once: one that was revoked, one whose time is over, one of a member who has left.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_works_no_longer_is_none() {
    let world = World::new().await;
    let mint = async |more: Value| {
        let mut body = json!({"label": "k", "scopes": ["admin"]});
        body.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
        let minted = world.server.post("/v1/keys", body).await.json();
        let text = |name: &str| minted[name].as_str().unwrap_or_else(|| panic!("{minted}")).to_owned();
        (text("id"), text("token"))
    };
    let (expired, revoked) =
        (mint(json!({"expires_at": Utc::now() + TimeDelta::seconds(2)})).await, mint(json!({})).await);
    let (left, of_who_left) = world.server.member("left", "admin").await;
    assert!(world.server.delete(&format!("/v1/keys/{}", revoked.0)).await.status.is_success());
    assert!(world.server.post(&format!("/v1/members/{left}/deactivate"), json!({})).await.status.is_success());
    let tokens = [expired.1, revoked.1, of_who_left];
    for token in &tokens {
        // Also what is refused before anything is looked up: what is remembered of a key is a second old at most.
        let says = async |path: &str| send(ask(&world.server.url, token, Method::GET, path)).await.status;
        let works =
            async || [says("/v1/me").await, says("/v1/audit/proof?position=x").await] != [StatusCode::UNAUTHORIZED; 2];
        let begun = std::time::Instant::now();
        while works().await {
            assert!(begun.elapsed().as_secs() < 60, "it goes on working");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    let mut cases = Vec::new();
    for place in world.requests().into_iter().filter(|place| place.operation.takes_key()) {
        for (token, why) in tokens.iter().zip(["expired", "revoked", "left"]) {
            cases.push(Case { token: Some(token.clone()), ..world.case(&place, why, UNAUTHORIZED) });
        }
    }
    world.hold(cases).await;
}

/// A member's key with one scope, and the role.
struct Holder {
    role: Role,
    scope: &'static str,
    member: String,
    token: String,
}

/// Owners' keys with each scope by itself, and a key with all scopes in each role.
async fn holders(world: &World) -> Vec<Holder> {
    let server = &world.server;
    let mut all = Vec::new();
    for (role, name) in Role::ALL.into_iter().zip(["viewer", "member", "manager", "admin", "owner"]) {
        let (member, token) = server.member(&format!("some-{name}"), name).await;
        all.push(Holder { role, scope: access::ADMIN, member, token });
    }
    // A member has at most twenty keys.
    for (nth, some) in access::scopes().chunks(18).enumerate() {
        let (member, token) = server.member(&format!("holder{nth}"), "owner").await;
        for scope in some.iter().copied() {
            let body = json!({"label": scope, "scopes": [scope]});
            let minted = send(ask(&server.url, &token, Method::POST, "/v1/keys").json(&body)).await.json();
            let token = minted["token"].as_str().unwrap_or_else(|| panic!("{minted}")).to_owned();
            all.push(Holder { role: Role::Owner, scope, member: member.clone(), token });
        }
    }
    all
}

/// Waits until something is signed: until then there is no checkpoint to ask for.
pub(super) async fn signed(world: &World) {
    let begun = std::time::Instant::now();
    while world.server.get("/v1/audit/checkpoint").await.status != StatusCode::OK {
        assert!(begun.elapsed().as_secs() < 60, "nothing is signed");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Whether somebody with this one scope may do what takes that one: the same, the one that stands for all, or the one that
/// stands for its verb, which the audit's is not among.
fn covers(held: &str, wanted: &str) -> bool {
    let (resource, verb) = wanted.split_once(':').unwrap_or((wanted, ""));
    held == wanted
        || held == "admin"
        || (held == verb && resource != "audit" && ["read", "write", "delete"].contains(&held))
}

/// Each scope and each role at each operation: who has the right ones gets in, and nobody else. What is asked is about
/// nothing that there is, so that whoever gets in finds nothing, and changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn scopes_and_roles_hold_for_every_operation() {
    let world = World::new().await;
    let holders = holders(&world).await;
    signed(&world).await;
    let native = world.native();
    let (mut cases, mut admitted) = (Vec::new(), 0);
    for operation in native.operations.iter().filter(|operation| !operation.is_endless()) {
        let rule = access::find(&operation.method, &operation.path).expect("a rule");
        assert_eq!(operation.scope(), rule.scope, "{} {}", operation.method, operation.path);
        for Holder { role, scope, member, token } in &holders {
            let may = rule.scope.is_none_or(|wanted| covers(scope, wanted));
            let expected = match (may, *role >= rule.role) {
                (true, true) => Expected::Not(&[401, 403]),
                (false, _) => Expected::Code(403, "missing-scope"),
                (true, false) => Expected::Code(403, "role-too-low"),
            };
            admitted += u32::from(may && *role >= rule.role);
            let case = world.case(&Place::nowhere(native, operation.clone()), format!("{scope} as {role:?}"), expected);
            // What members may do to themselves takes another role for others.
            let id: &str = if operation.path.starts_with("/v1/members/{id}") { member } else { UNKNOWN };
            let target = operation.target(id);
            cases.push(
                Case { target, token: Some(token.clone()), body: case.body.map(|_| b"{}".to_vec()), ..case }
                    .rehearsed(),
            );
        }
    }
    assert!(admitted > 1_000, "{admitted}");
    world.hold(cases).await;
}

/// The least role that an operation takes, as its document says.
fn role_of(operation: &Operation) -> Role {
    let told = operation.value["description"].as_str().unwrap_or_default();
    let role = Role::ALL.into_iter().find(|role| told.contains(&format!("the role {role:?} or above")));
    role.unwrap_or_else(|| panic!("{} {}: {told}", operation.method, operation.path))
}

/// The same on the other products' APIs, whose operations take the scopes and the role of the native ones behind them.
#[tokio::test(flavor = "multi_thread")]
async fn other_products_operations_take_the_same_scopes_and_roles() {
    let world = World::new().await;
    let holders = holders(&world).await;
    let (mut cases, mut too_low) = (Vec::new(), 0);
    for place in world.requests().into_iter().filter(|place| !place.api.mount.is_empty() && place.operation.takes_key())
    {
        let Operation { method, path, value } = &place.operation;
        let wanted: Vec<&str> = value["security"][0]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(_, all)| all.as_array())
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let least = role_of(&place.operation);
        // The first is the scope of the native operation.
        let natively = |rule: &access::Rule| rule.scope == wanted.first().copied() && rule.role == least;
        assert!(access::RULES.iter().any(natively), "nothing native takes {wanted:?} as {least:?}: {method} {path}");
        // What others have logged is theirs, whatever role that takes.
        let is_whose = place.operation.writes() && path.contains("/time-entries");
        for Holder { role, scope, token, .. } in &holders {
            let may = wanted.iter().all(|wanted| covers(scope, wanted));
            let expected = match (may, *role >= least) {
                (true, true) if is_whose && *role < Role::Owner => Expected::Not(&[401]),
                (true, true) => Expected::Not(&[401, 403]),
                (false, _) => Expected::Code(403, "missing-scope"),
                (true, false) => Expected::Code(403, "role-too-low"),
            };
            too_low += u32::from(may && *role < least);
            let case = world.case(&place, format!("{scope} as {role:?}, takes {wanted:?} as {least:?}"), expected);
            cases.push(Case { token: Some(token.clone()), ..case }.rehearsed());
        }
    }
    assert!(too_low > 50, "{too_low}");
    world.hold(cases).await;
}
