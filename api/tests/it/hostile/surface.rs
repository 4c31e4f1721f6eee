//! What there is not, and what is ignored.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use docket_api::auth::token::Format;
use docket_api::bootstrap::Founding;
use docket_api::limits::{Clock, Settings};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::server::{Server, ask, config, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_not_asked_for_without_a_key() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).await.expect("connected");
    let head = "POST /v1/tasks HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer nonsense\r\nExpect: 100-continue\r\n\
                Content-Type: application/json\r\nContent-Length: 2\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("written");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 401");
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_mean_something_elsewhere_mean_nothing_here() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let path = format!("/v1/projects/{project}");
    let plain = server.get(&path).await;
    for (name, value) in [
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-HTTP-Method", "DELETE"),
        ("Range", "bytes=0-3"),
        ("If-Range", "\"1\""),
        ("X-Forwarded-For", "10.0.0.1, 127.0.0.1"),
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "for=10.0.0.1;host=evil.example"),
        ("X-Real-IP", "10.0.0.1"),
        ("X-Original-URL", "/v1/members"),
        ("X-Rewrite-URL", "/v1/members"),
    ] {
        let answer = send(server.ask(Method::GET, &path).header(name, value)).await;
        assert_eq!((answer.status, &answer.text), (StatusCode::OK, &plain.text), "{name}");
    }
    assert_eq!(server.get(&path).await.status, StatusCode::OK, "it is still there");
}

/// Nothing is told in pieces: who asks for one, or for several, of whatever version, is told all of it.
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_pieces_is_told_the_whole() {
    let server = Server::start().await;
    let project = server.project("P").await;
    for path in [format!("/v1/projects/{project}"), format!("/projekt/api/projects/{project}")] {
        let plain = server.get(&path).await;
        let tag = plain.header("etag").to_owned();
        assert!(plain.status == StatusCode::OK && !tag.is_empty(), "{path}: {}", plain.text);
        for range in ["bytes=0-3", "bytes=0-1,4-5", "bytes=0-0,-1", "bytes=-1", "bytes=999999-"] {
            for version in ["", &tag, "\"x\"", "Wed, 21 Oct 2015 07:28:00 GMT"] {
                let request = server.ask(Method::GET, &path).header("Range", range);
                let request = if version.is_empty() { request } else { request.header("If-Range", version) };
                let (answer, what) = (send(request).await, format!("{path}: {range}, {version}"));
                assert_eq!((answer.status, &answer.text), (StatusCode::OK, &plain.text), "{what}");
                assert_eq!(answer.header("content-range"), "", "{what}");
                assert_eq!(answer.header("content-type"), plain.header("content-type"), "{what}");
            }
        }
    }
}

/// Who keeps sending keys that do not work is told apart by where they come from, not by where they say they do.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_address_is_nobody_elses() {
    // The time stands still, so that nothing that was counted is forgotten.
    let clock = Clock::showing(Arc::new(AtomicI64::new(1_800_000_000_000)));
    let limited = Settings { clock, ..Settings::default() };
    let server = Server::start_with(|config| config.limits = limited).await;
    let nobodys = Founding::draw("Nobody", "Nobody", "nobody@example.com", &[Format::Native]).keys[0].token.clone();
    let mut heard = Vec::new();
    for n in 0..60 {
        let (name, value) = match n % 5 {
            0 => ("X-Forwarded-For", format!("203.0.113.{n}")),
            1 => ("X-Forwarded-For", format!("2001:db8:{n:x}::1, 127.0.0.1")),
            2 => ("Forwarded", format!("for=203.0.113.{n};proto=https")),
            3 => ("X-Real-IP", format!("203.0.113.{n}")),
            _ => ("True-Client-IP", format!("203.0.113.{n}")),
        };
        let path = if n % 2 == 0 { "/v1/me" } else { "/projekt/api/me" };
        let answer = send(ask(&server.url, &nobodys, Method::GET, path).header(name, value)).await;
        heard.push(answer.status.as_u16());
    }
    assert_eq!(heard[..20], [401; 20], "{heard:?}");
    assert_eq!(heard[20..], [429; 40], "{heard:?}");
}

/// A proxy that the operator names says who asks, and how; of anybody else it means nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_believed_if_it_is_a_known_one() {
    for (proxies, barred, scheme) in [(&["127.0.0.0/8"][..], false, "https://"), (&["192.0.2.1"], true, "http://")] {
        let clock = Clock::showing(Arc::new(AtomicI64::new(1_800_000_000_000)));
        let limited = Settings { clock, ..Settings::default() };
        let trusted = proxies.iter().map(|network| network.parse().expect("a network")).collect();
        let server = Server::start_with(|config| (config.limits, config.trusted_proxies) = (limited, trusted)).await;
        let nobodys = Founding::draw("Nobody", "Nobody", "nobody@example.com", &[Format::Native]).keys[0].token.clone();
        let from = async |address: &str| {
            let request = ask(&server.url, &nobodys, Method::GET, "/ikreo/api.php?endpoint=projects");
            send(request.header("X-Forwarded-For", address).header("X-Forwarded-Proto", "https")).await
        };
        for _ in 0..20 {
            let answer = from("198.51.100.1, 203.0.113.5").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            assert!(answer.text.contains(scheme), "{}", answer.text);
        }
        assert_eq!(from("198.51.100.2, 203.0.113.5").await.status, StatusCode::TOO_MANY_REQUESTS);
        let other = from("203.0.113.6").await.status;
        assert_eq!(other == StatusCode::TOO_MANY_REQUESTS, barred, "{other}");
    }
}

/// What belongs to operators is on another listener, and counts what is asked for by route, never by what was sent.
#[tokio::test(flavor = "multi_thread")]
async fn there_is_nothing_for_operators_here_and_nothing_of_callers_there() {
    let server = Server::start().await;
    for path in [
        "/metrics",
        "/v1/metrics",
        "/health/detail",
        "/debug",
        "/debug/pprof",
        "/debug/vars",
        "/admin",
        "/actuator/env",
        "/.env",
        "/.git/config",
        "/server-status",
    ] {
        assert_eq!(server.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let stop = CancellationToken::new();
    let _stopped = stop.clone().drop_guard();
    let node = docket_api::Docket::start(&config(&server.db, &server.prefix), stop).await.expect("a node");
    let marks: Vec<String> = (0..50).map(|n| format!("zebrafish{n}")).collect();
    for mark in &marks {
        server.get(&format!("/v1/{mark}/x")).await;
        server.get(&format!("/v1/tasks/{mark}?{mark}={mark}")).await;
        let odd = server.ask(Method::from_bytes(mark.to_uppercase().as_bytes()).expect("a method"), "/v1/tasks");
        send(odd.header("User-Agent", mark)).await;
        server.post("/v1/labels", json!({"name": mark})).await;
    }
    let metrics = reqwest::get(format!("http://{}/metrics", node.metrics)).await.expect("metrics");
    let text = metrics.text().await.expect("text");
    assert!(text.contains("docket_"), "{text}");
    for told in [server.key(), &server.workspace.workspace_id.to_string(), "zebrafish", "ZEBRAFISH", "owner@example"] {
        assert!(!text.contains(told), "{told}");
    }
}
