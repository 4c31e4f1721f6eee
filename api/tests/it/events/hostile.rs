//! Readers that do not read, and readers that come again and again.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::listen::connect;
use crate::server::Server;

const EVENTS: &str = "/v1/events/stream?after=0";

/// A reader that takes as little as it can, and nothing of what it asked for.
async fn stubborn(server: &Server) -> TcpStream {
    let address = server.url.strip_prefix("http://").expect("an address");
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a small one");
    let mut stream = socket.connect(address.parse().expect("an address")).await.expect("a connection");
    let request = format!("GET {EVENTS} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\r\n", server.key());
    stream.write_all(request.as_bytes()).await.expect("sent");
    stream.read_exact(&mut [0; 15]).await.expect("a first word");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_is_cut_off_and_their_place_is_free_again() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    // More than any socket holds.
    let create =
        json!({"op": "create", "task": {"project_id": project, "title": "T", "description": "x".repeat(10_000)}});
    for _ in 0..16 {
        let made = server.post("/v1/tasks/batch", json!({"commands": vec![create.clone(); 80]})).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    }
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(stubborn(&server).await);
    }
    assert_eq!(connect(&server.url, server.key(), EVENTS, None).await.status(), StatusCode::TOO_MANY_REQUESTS);
    let begun = Instant::now();
    while connect(&server.url, server.key(), EVENTS, None).await.status() != StatusCode::OK {
        assert!(begun.elapsed() < Duration::from_mins(1), "they still have their places");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // What they were sent was not all of it.
    let (mut got, mut piece) = (0, vec![0; 65_536]);
    while let Ok(read @ 1..) = all[0].read(&mut piece).await {
        got += read;
    }
    assert!(got < 16 * 80 * 10_000, "{got}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_again_and_again_is_told_to_wait() {
    let server = Server::start_with(|config| {
        config.limits.no_limits = false;
        config.limits.limits = vec!["native key 30/1h".to_owned()];
    })
    .await;
    for _ in 0..30 {
        connect(&server.url, server.key(), "/v1/events/stream", None).await;
    }
    let refused = connect(&server.url, server.key(), "/v1/events/stream", None).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait = refused.headers()["retry-after"].to_str().expect("text").parse::<u64>().expect("seconds");
    assert!(wait > 10, "{wait}: it is the limit that refuses, not that there are five open");
}
