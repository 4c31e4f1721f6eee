//! What there is not, and what is ignored.

use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::server::{Server, config, send};

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
