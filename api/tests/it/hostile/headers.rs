//! Keys of idempotency and preconditions that are malformed, stale or of nothing.

use reqwest::header::HeaderValue;

use super::{Case, Expected, World, header};
use crate::probes::places::Place;

fn writes(world: &World) -> Vec<Place<'_>> {
    world.requests().into_iter().filter(|place| place.operation.writes()).collect()
}

/// Whether an operation changes what is there, and can be told which state of it.
fn takes_precondition(place: &Place<'_>) -> bool {
    let all = place.operation.value["parameters"].as_array();
    all.into_iter().flatten().any(|one| one["in"] == "header" && one["name"] == "If-Match")
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_idempotency_keys_and_preconditions_are_refused() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in writes(&world) {
        let refused = |what: &str, code| world.case(&place, what, Expected::Code(400, code));
        let with = |mut case: Case, name: &'static str, values: &[&str]| {
            for value in values {
                case.headers.append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
            }
            case
        };
        let long = "k".repeat(256);
        for keys in
            [&[""][..], &["\"quoted\""], &["a b"], &["it's"], &["k\u{e9}"], &[long.as_str()], &["a", "b"], &["a", "a"]]
        {
            let case = refused(&format!("key {keys:.40?}"), "invalid-idempotency-key");
            cases.push(with(case, "idempotency-key", keys));
        }
        for tags in [
            &["7"][..],
            &["\"7"],
            &["7\""],
            &["'7'"],
            &["null"],
            &["*, \"7\""],
            &["*", "\"7\""],
            &["\"7\",,\"8\""],
            &["w/\"7\""],
        ] {
            cases.push(with(refused(&format!("tag {tags:?}"), "invalid-precondition"), "if-match", tags));
        }
    }
    world.hold(cases).await;
}

/// Tags of what was, of what is nowhere, weak ones, which never match: nothing is changed. The right one among others,
/// or any: it would be.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_as_expected_is_not_changed() {
    let world = World::new().await;
    let (mut cases, mut right) = (Vec::new(), 0);
    for place in writes(&world).into_iter().filter(takes_precondition) {
        let usual = world.case(&place, "", Expected::Not(&[412])).rehearsed();
        let answer = world.send(&usual).await;
        for tag in ["\"999\"", "W/\"1\"", "\"abc\"", "\"01\"", "\"999\", \"998\"", "\"\""] {
            let mut case = world.case(&place, tag, Expected::Code(412, "precondition-failed"));
            case.headers.extend([header("if-match", tag)]);
            // What can't be done anyway is refused for that.
            if answer.status.is_success() {
                cases.push(case.rehearsed());
            }
        }
        for tag in ["*", "\"999\", \"1\", \"2\", \"3\", \"4\", \"5\", \"6\""] {
            let mut case = world.case(&place, tag, Expected::Status(&[200, 201, 204]));
            case.headers.extend([header("if-match", tag)]);
            if answer.status.is_success() {
                right += 1;
                cases.push(case.rehearsed());
            }
        }
    }
    assert!(right > 60, "{right}");
    world.hold(cases).await;
}

/// Of what is not there, there is no state to expect.
#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_not_there_no_state_is_right() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for place in writes(&world).into_iter().filter(|place| takes_precondition(place) && place.api.mount.is_empty()) {
        if place.operation.steps().is_empty() {
            continue;
        }
        for tag in ["*", "\"1\""] {
            let mut case = world.case(&place, tag, Expected::Status(&[404]));
            case.target = place.operation.target(super::UNKNOWN);
            case.headers.extend([header("if-match", tag)]);
            cases.push(case);
        }
    }
    world.hold(cases).await;
}
