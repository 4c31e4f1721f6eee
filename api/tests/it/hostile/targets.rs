//! Paths, ids, methods and queries.

use reqwest::{Method, StatusCode};

use super::operation::{Operation, types};
use super::{Case, Expected, World};

#[tokio::test(flavor = "multi_thread")]
async fn ids_have_one_spelling() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for operation in world.api.operations.iter().filter(|operation| operation.takes_id()) {
        for id in [
            "1",
            "x",
            "7D444840-9DC0-41D1-B245-5FFDCE74FAD2",
            "7d4448409dc041d1b2455ffdce74fad2",
            "%7b7d444840-9dc0-41d1-b245-5ffdce74fad2%7d",
            "urn:uuid:7d444840-9dc0-41d1-b245-5ffdce74fad2",
            "%00",
            "%ff",
            "%2e%2e%2f",
            "..;",
            "a%2Fb",
            "%252e",
            "'%20or%201=1",
        ] {
            let case = world.case(operation, id, Expected::Status(&[400, 404, 405]));
            cases.push(Case { target: operation.target(id), ..case });
        }
        let target = format!("{}/", operation.target(super::UNKNOWN));
        cases.push(Case { target, ..world.case(operation, "a slash behind", Expected::Status(&[404])) });
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_405_and_say_which_there_are() {
    let world = World::new().await;
    for path in world.api.paths() {
        let known = world.api.methods(path);
        let target = path.split('/').map(|step| if step.starts_with('{') { super::UNKNOWN } else { step });
        let url = format!("{}{}", world.server.url, target.collect::<Vec<_>>().join("/"));
        let mut allowed: Vec<&str> = known.iter().map(|method| method.as_str()).collect();
        if known.contains(&&Method::GET) {
            allowed.push("HEAD");
        }
        allowed.sort_unstable();
        let all = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE];
        let others = all.into_iter().filter(|method| !known.contains(&method));
        for method in others.chain([Method::from_bytes(b"PROPFIND").expect("a method"), Method::OPTIONS]) {
            let request = world.client.request(method.clone(), &url).bearer_auth(world.server.key());
            let answer = crate::server::send(request).await;
            let expected =
                if method == Method::OPTIONS { StatusCode::NO_CONTENT } else { StatusCode::METHOD_NOT_ALLOWED };
            assert_eq!(answer.status, expected, "{method} {path}: {}", answer.text);
            let mut allow: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
            allow.retain(|method| *method != "OPTIONS");
            allow.sort_unstable();
            assert_eq!(allow, allowed, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_the_body() {
    let world = World::new().await;
    let ends = |operation: &&Operation| operation.method == Method::GET && !operation.is_endless();
    for operation in world.api.operations.iter().filter(ends) {
        let get = world.case(operation, "GET", Expected::Status(&[200, 404]));
        let full = world.send(&get).await;
        let head = world.send(&Case { method: Method::HEAD, ..get }).await;
        assert_eq!((head.status, head.text.as_str()), (full.status, ""), "{}", operation.path);
        assert_eq!(head.header("content-type"), full.header("content-type"), "{}", operation.path);
        assert_eq!(head.header("etag"), full.header("etag"), "{}", operation.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_parameters_are_named_wherever_they_are_sent() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for operation in &world.api.operations {
        for name in ["no_such_parameter", "limit[]", "api_key", "Limit"] {
            let expected = Expected::At(400, name.to_owned());
            let target = format!("{}?{name}=1", operation.target(super::UNKNOWN));
            cases.push(Case { target, ..world.case(operation, name, expected) });
        }
        let target = format!("{}?%ff=1", operation.target(super::UNKNOWN));
        cases.push(Case { target, ..world.case(operation, "not UTF-8", Expected::Status(&[400])) });
        let target = format!("{}?a%00=1", operation.target(super::UNKNOWN));
        cases.push(Case { target, ..world.case(operation, "U+0000", Expected::Status(&[400, 422])) });
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_values_name_their_parameter() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for operation in &world.api.operations {
        for parameter in operation.query() {
            let name = parameter["name"].as_str().expect("a name");
            let schema = world.api.schema(&parameter["schema"]);
            let of = if types(&schema).contains(&"array") { world.api.schema(&schema["items"]) } else { schema };
            let bad: &[&str] = match (types(&of).first().copied(), of["format"].as_str()) {
                (Some("integer"), _) => &["", "1.5", "-", "1e9", "x", "99999999999999999999", "+1", "01"],
                (Some("boolean"), _) => &["", "yes", "1", "TRUE"],
                (_, Some("uuid")) => &["", "x", "1"],
                (_, Some("date")) => &["", "2023-02-29", "now", "infinity", "20240229"],
                (_, Some("date-time")) => &["", "2026-01-01", "now", "2026-01-01T24:00:00Z"],
                _ if of["enum"].is_array() => &["", "no-such-word", "'", "a,,b"],
                _ if name == "cursor" => &["AAAA", "x", "====", "%27"],
                _ => &[],
            };
            for value in bad {
                // Of what is not there, no cursor is looked at.
                let expected = match name {
                    "cursor" if operation.takes_id() => Expected::Status(&[400, 404]),
                    _ => Expected::At(400, name.to_owned()),
                };
                let needed = operation.needed(&world.api, name);
                let target = format!("{}?{needed}{name}={value}", operation.target(super::UNKNOWN));
                cases.push(Case { target, ..world.case(operation, format!("{name}={value}"), expected) });
            }
            let target = format!("{}?{name}=1&{name}=1", operation.target(super::UNKNOWN));
            let expected = Expected::Code(400, "duplicate-parameter");
            cases.push(Case { target, ..world.case(operation, format!("{name} twice"), expected) });
        }
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_can_be_searched_for() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for operation in &world.api.operations {
        for parameter in operation.query().iter().filter(|parameter| parameter["name"] == "q") {
            for text in ["a%20%26%20%7C%20!", "%25_%5C", "'%3B%20drop%20table%20x", "%F0%9F%92%A9", "a:*", "((("] {
                let target = format!(
                    "{}?{}={text}",
                    operation.target(super::UNKNOWN),
                    parameter["name"].as_str().unwrap_or_default()
                );
                let found: &'static [u16] = if operation.takes_id() { &[404] } else { &[200] };
                cases.push(Case { target, ..world.case(operation, text, Expected::Status(found)) });
            }
        }
    }
    world.hold(cases).await;
}
