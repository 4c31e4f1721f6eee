//! Limits as each product tells of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use docket_api::limits::{Clock, Settings};
use reqwest::{Client, Method, StatusCode};
use serde_json::json;

use crate::limits::PATIENCE;
use crate::server::{Answer, Server, ask, send};

const START: i64 = 1_800_000_000_000;
/// The mounts, and a list of each.
pub const PATHS: [(&str, &str); 5] = [
    ("ikreo", "/ikreo/api.php?endpoint=projects"),
    ("krokanti", "/krokanti/api/projects"),
    ("pike", "/pike/projects"),
    ("projekt", "/projekt/api/projects"),
    ("generic", "/generic/v1/projects"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_request_too_many_is_refused_in_the_mounts_own_way() {
    let time = Arc::new(AtomicI64::new(START));
    let limits = PATHS.iter().map(|(name, _)| format!("{name} key 3/1m")).collect();
    let clock = Clock::showing(time.clone());
    let settings = Settings { limits, clock, patience: Some(PATIENCE), ..Settings::default() };
    let server = Server::start_with(|config| config.limits = settings.clone()).await;
    let get =
        async |key: &str, path: &str| send(Client::new().get(format!("{}{path}", server.url)).bearer_auth(key)).await;
    for (name, path) in PATHS {
        for used in 1..=3 {
            let answer = get(server.key(), path).await;
            assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.text);
            left(name, &answer, 3 - used);
        }
        let refused = get(server.key(), path).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{name}: {}", refused.text);
        let after: i64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&after), "{name}: {after}");
        left(name, &refused, 0);
        told(name, &refused);
        let other = &server.workspace.keys[1].token;
        assert_eq!(get(other, path).await.status, StatusCode::OK, "{name}: another key has its own");
    }
    time.fetch_add(60_000, Ordering::Relaxed);
    for (name, path) in PATHS {
        assert_eq!(get(server.key(), path).await.status, StatusCode::OK, "{name}");
        let unknown = get(server.key(), &format!("/{name}/no/such/thing")).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{name}");
        left(name, &unknown, 1);
    }
}

/// What an answer says of how many are left; the others say nothing.
fn left(name: &str, answer: &Answer, left: i64) {
    if !["projekt", "generic"].contains(&name) {
        assert!(
            !answer.headers.contains_key("x-ratelimit-limit") && !answer.headers.contains_key("ratelimit"),
            "{name}"
        );
        return;
    }
    assert_eq!(answer.header("x-ratelimit-limit"), "3", "{name}");
    assert_eq!(answer.header("x-ratelimit-remaining"), left.to_string(), "{name}: {:?}", answer.headers);
    let reset: i64 = answer.header("x-ratelimit-reset").parse().expect("a number");
    let soon = if name == "projekt" { 0..=60 } else { START / 1_000..=START / 1_000 + 120 };
    assert!(soon.contains(&reset), "{name}: {reset}");
}

/// What a refusal says.
fn told(name: &str, refused: &Answer) {
    let body = refused.json();
    match name {
        "ikreo" => assert_eq!((&body["error"], &body["code"]), (&true.into(), &429.into())),
        "krokanti" => assert_eq!(body["error"], "Too Many Requests"),
        "pike" => assert_eq!(body["error"]["code"], "rate_limited"),
        "projekt" => assert!(body["error"].is_string(), "{body}"),
        _ => assert_eq!(body["error"]["code"], "RATE_LIMITED"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_router_sees_is_refused_in_the_mounts_own_way() {
    let limits = PATHS.iter().map(|(name, _)| format!("{name} peer 5/1m")).collect();
    let settings = Settings { limits, patience: Some(PATIENCE), ..Settings::default() };
    let server = Server::start_with(|config| config.limits = settings).await;
    for (name, path) in PATHS {
        let mut request = Client::new().get(format!("{}{path}", server.url)).bearer_auth(server.key());
        for n in 0..70 {
            request = request.header(format!("x-filler-{n}"), "1");
        }
        let answer = send(request).await;
        assert!(answer.status.is_client_error(), "{name}: {}", answer.status);
        assert_eq!(answer.header("content-type"), "application/json", "{name}: {}", answer.text);
        assert!(!answer.json()["error"].is_null(), "{name}: {}", answer.text);
        assert!(!answer.header("x-request-id").is_empty());
        if ["projekt", "generic"].contains(&name) {
            let told = ["limit", "remaining"].map(|what| answer.header(&format!("x-ratelimit-{what}")));
            assert_eq!(told, ["5", "4"], "{name}: it is nobody's, and counts as such");
            assert!(answer.header("x-ratelimit-reset").parse::<i64>().is_ok(), "{name}: {:?}", answer.headers);
        }
    }
}

/// On the mounts that say so at all; whatever the answer is.
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_how_much_is_left() {
    let server = Server::start_with(|config| config.limits = Settings::default()).await;
    let reader = json!({"label": "reader", "scopes": ["projects:read"]});
    let reader = server.post("/v1/keys", reader).await.json()["token"].as_str().expect("a token").to_owned();
    for (name, one, none) in
        [("projekt", "/projekt/api/projects", "/projekt/nonsense"), ("generic", "/generic/v1/projects", "/generic/x")]
    {
        let (url, key) = (&server.url, server.key());
        let made = send(ask(url, key, Method::POST, one).json(&json!({"name": name}))).await;
        let body = made.json();
        let id = body["id"].as_str().or(body["data"]["id"].as_str()).expect("an id");
        let path = format!("{one}/{id}");
        let shown = send(ask(url, key, Method::GET, &path)).await;
        let wrong = if name == "projekt" { 422 } else { 400 };
        let stale = if name == "projekt" { 409 } else { 400 };
        let gone = if name == "projekt" { 204 } else { 200 };
        let unknown = format!("{one}/{}", id.replace(|digit: char| digit.is_ascii_digit(), "8"));
        let answers = [
            (200, ask(url, key, Method::GET, &path)),
            (200, ask(url, key, Method::HEAD, one)),
            (304, ask(url, key, Method::GET, &path).header("If-None-Match", shown.header("etag"))),
            (401, Client::new().get(format!("{url}{one}"))),
            (401, ask(url, "pjk_live_nonsense", Method::GET, one)),
            (403, ask(url, &reader, Method::POST, one).json(&json!({"name": "P"}))),
            (404, ask(url, key, Method::GET, none)),
            (404, ask(url, key, Method::GET, &unknown)),
            (405, ask(url, key, Method::PATCH, one)),
            (wrong, ask(url, key, Method::POST, one).json(&json!({}))),
            (400, ask(url, key, Method::POST, one).header("Content-Type", "application/json").body("{")),
            (stale, ask(url, key, Method::PUT, &path).header("If-Match", "\"99\"").json(&json!({"name": "Q"}))),
            (gone, ask(url, key, Method::DELETE, &path)),
        ];
        for (status, request) in answers {
            let answer = send(request).await;
            assert_eq!(answer.status, status, "{name}: {}", answer.text);
            let told = |what: &str| answer.header(&format!("x-ratelimit-{what}")).parse::<i64>();
            let (limit, remaining, reset) = (told("limit"), told("remaining"), told("reset"));
            let sane = limit.is_ok_and(|limit| remaining.is_ok_and(|left| (0..limit).contains(&left))) && reset.is_ok();
            assert!(sane, "{name} {status}: {:?}", answer.headers);
        }
    }
}
