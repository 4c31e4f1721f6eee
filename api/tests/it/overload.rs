//! More than a process has room for: what is refused, how, and that nothing else is.

use docket_api::config::Role;
use docket_api::limits::Room;
use docket_commands::Commands;
use reqwest::{Method, StatusCode};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};

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
    let server =
        Server::start_with(|config| config.room = Room { writes_at_once: 0, reads_waiting: 0, burst_millis: 0 }).await;
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
        assert!(answer.json().is_object(), "{mount}: {}", answer.text);
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.get(path).await.status, StatusCode::OK, "{path} is always answered");
    }
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
