//! More than a process has room for: what is refused, how, and that nothing else is.

use docket_api::config::Role;
use docket_api::limits::Room;
use docket_commands::Commands;
use reqwest::{Method, StatusCode};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::{Answer, Server, ask, send};

async fn until_under_way(commands: &Commands, count: usize) {
    for _ in 0..3_000 {
        if commands.under_way() == count {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{} commands are under way, not {count}", commands.under_way());
}

fn assert_refused(answer: &Answer, status: StatusCode) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_no_room_for_is_refused_in_the_shape_of_its_mount() {
    let server = Server::start_with(|config| {
        config.room = Room { writes_at_once: 0, reads_waiting: 0, burst_millis: 0, ..Room::default() }
    })
    .await;
    for (method, path) in
        [(Method::GET, "/v1/tasks"), (Method::POST, "/v1/tasks"), (Method::DELETE, "/v1/tasks/unread")]
    {
        // A key is not even looked at.
        let answer = send(ask(&server.url, "dkt_live_nobody", method, path)).await;
        assert_refused(&answer, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json()["code"], "overloaded", "{}", answer.text);
        assert!(!answer.header("x-request-id").is_empty());
    }
    // Two of them know no 503.
    let mounts = [("/ikreo", 429), ("/krokanti", 503), ("/pike", 503), ("/projekt", 503), ("/generic", 429)];
    for (mount, status) in mounts {
        let answer = send(ask(&server.url, server.key(), Method::GET, &format!("{mount}/tasks"))).await;
        assert_refused(&answer, StatusCode::from_u16(status).expect("a status"));
        assert_ne!(answer.header("content-type"), "application/problem+json", "{mount} has a shape of its own");
        let told = answer.json();
        assert!(told.is_object(), "{mount}: {}", answer.text);
        match mount {
            "/ikreo" => assert_eq!(told["docs"], format!("{}/ikreo/docs", server.url)),
            "/pike" => assert_eq!(told["error"]["requestId"], answer.header("x-request-id")),
            _ => {}
        }
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.get(path).await.status, StatusCode::OK, "{path} is always answered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_may_ask_again_over_the_same_connection() {
    let server = Server::start_with(|config| {
        config.room = Room { writes_at_once: 0, burst_millis: 0, ..Room::default() };
    })
    .await;
    let host = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.expect("a connection");
    let refused = format!("POST /v1/tasks HTTP/1.1\r\nhost: {host}\r\ncontent-length: 4\r\n\r\nabcd");
    let last = format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(format!("{refused}{refused}{last}").as_bytes()).await.expect("is sent");
    let mut told = String::new();
    stream.read_to_string(&mut told).await.expect("answers");
    let statuses: Vec<_> = told.match_indices("HTTP/1.1 ").map(|(at, _)| &told[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["503", "503", "200"], "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_writes_are_taken_on_than_there_is_room_for() {
    // Nobody else writes.
    let server = Server::start_with(|config| {
        config.roles = vec![Role::Api, Role::Projector];
        config.room = Room { writes_at_once: 2, burst_millis: 0, ..Room::default() };
    })
    .await;
    until_under_way(&server.commands, 0).await;
    let project = |name: &str| {
        let request = ask(&server.url, server.key(), Method::POST, "/v1/projects");
        request.header("Idempotency-Key", name).json(&json!({"name": name}))
    };
    let mut holder = PgConnection::connect(&server.db.url).await.expect("a connection");
    holder.execute("begin; select from log.heads for update").await.expect("a lock");
    let taken_on = [tokio::spawn(send(project("One"))), tokio::spawn(send(project("Two")))];
    until_under_way(&server.commands, 2).await;
    assert_refused(&send(project("Three")).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(server.get("/v1/projects").await.status, StatusCode::OK, "reads are not writes");
    holder.execute("commit").await.expect("a commit");
    for answer in taken_on {
        assert_eq!(answer.await.expect("a task").status, StatusCode::CREATED);
    }
    until_under_way(&server.commands, 0).await;
    let answer = send(project("Three")).await;
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (StatusCode::CREATED, ""), "it never began");
    assert_eq!(server.get("/v1/projects").await.json()["total"], 3);
}
