//! What takes more of something than a story tells: lists that end, pages that are walked while others write, and a key
//! in an address.

use docket_api::auth::token::Format;
use docket_api::bootstrap::Founding;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, Server, ask, send};

/// A server, and a workspace with a key of ikreo's.
async fn home() -> (Server, Founding) {
    let server = Server::start().await;
    let home = server.workspace_with(&[Format::Ikreo]).await;
    (server, home)
}

async fn get(server: &Server, home: &Founding, asked: &str) -> Value {
    let answer = send(ask(&server.url, &home.keys[0].token, Method::GET, &format!("/ikreo/api.php?endpoint={asked}")));
    let answer = answer.await;
    assert_eq!(answer.status.as_u16(), 200, "{asked}: {}", answer.text);
    answer.json()
}

async fn post(server: &Server, key: &str, path: &str, body: &Value) -> Answer {
    let answer = send(ask(&server.url, key, Method::POST, path).json(body)).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text);
    answer
}

fn ids(page: &Value) -> Vec<i64> {
    page["data"].as_array().expect("data").iter().map(|one| one["id"].as_i64().expect("an id")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_thirty_notifications_and_hundred_timelogs_are_shown() {
    let (server, home) = home().await;
    let key = &home.keys[0].token;
    for n in 1..=31 {
        let body = json!({"title": format!("Number {n}")});
        post(&server, key, "/ikreo/api.php?endpoint=notifications", &body).await;
    }
    let told = get(&server, &home, "notifications").await;
    assert_eq!((ids(&told), &told["total"]), ((2..=31).rev().collect(), &json!(31)));

    let project = post(&server, key, "/v1/projects", &json!({"name": "Website"})).await.json()["id"].clone();
    let log = |n: u32| {
        let started_at = format!("2026-03-{:02}T{:02}:00:00Z", 1 + n / 20, n % 20);
        json!({"op": "create", "timelog": {"project_id": project, "started_at": started_at, "duration_seconds": 60}})
    };
    let commands: Vec<_> = (0..101).map(log).collect();
    post(&server, key, "/v1/timelogs/batch", &json!({"commands": commands})).await;
    let logs = get(&server, &home, "timelogs").await;
    assert_eq!((ids(&logs), &logs["total"]), ((2..=101).rev().collect(), &json!(101)));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_tasks_have_no_gap_and_nothing_twice() {
    let (server, home) = home().await;
    let key = &home.keys[0].token;
    post(&server, key, "/ikreo/api.php?endpoint=projects", &json!({"name": "Website"})).await;
    for n in 1..=23 {
        let body = json!({"title": format!("Task {n}"), "project_id": 1});
        post(&server, key, "/ikreo/api.php?endpoint=tasks", &body).await;
    }
    let mut seen = Vec::new();
    loop {
        let page = get(&server, &home, &format!("tasks&limit=5&offset={}", seen.len())).await;
        assert_eq!((&page["total"], &page["limit"], &page["offset"]), (&json!(23), &json!(5), &json!(seen.len())));
        seen.extend(ids(&page));
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(seen, (1..=23).rev().collect::<Vec<_>>());
}
