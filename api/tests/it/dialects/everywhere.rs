//! What holds on every mount: any key opens it, whatever its form, and what is written through it is seen at once.

use docket_api::auth::token::Format;
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::limits::PATHS;
use crate::server::{Server, ask, send};

/// A key is no less a key where another product's clients are at home.
#[tokio::test(flavor = "multi_thread")]
async fn any_key_opens_every_mount() {
    let server = Server::start().await;
    let home = server.workspace_with(&Format::ALL).await;
    for (key, format) in home.keys.iter().zip(Format::ALL) {
        let format = format.name();
        assert_eq!(key.format, format);
        for (name, path) in PATHS.into_iter().chain([("native", "/v1/projects")]) {
            let answer = send(ask(&server.url, &key.token, Method::GET, path)).await;
            assert_eq!(answer.status, StatusCode::OK, "{format} at {name}: {}", answer.text);
        }
    }
}

/// Where tasks are written, how one is said there, of the project `$project`, and what asks for a hundred of them.
fn writers() -> [(&'static str, &'static str, Value, &'static str); 4] {
    let snake = json!({"title": "T", "project_id": "$project"});
    [
        ("ikreo", "/ikreo/api.php?endpoint=tasks", json!({"title": "T", "project_id": 1}), "&limit=100"),
        ("krokanti", "/krokanti/api/tasks", json!({"title": "T", "projectId": "$project"}), ""),
        ("projekt", "/projekt/api/issues", snake.clone(), ""),
        ("generic", "/generic/v1/tasks", snake, "?limit=100"),
    ]
}

/// Whoever has been told that something was written finds it in the very next list, whichever node is asked.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_listed_at_once_on_every_node() {
    let server = Server::start().await;
    let (other, _stop) = server.another_node().await;
    let project = server.project("Website").await;
    let generic = send(ask(&server.url, server.key(), Method::GET, "/generic/v1/projects")).await.json();
    let generic = generic["data"][0]["id"].as_str().expect("an id").to_owned();
    join_all(writers().map(|(name, path, body, all)| {
        let (server, other) = (&server, &other);
        let project = if name == "generic" { &generic } else { &project };
        async move {
            let body: Value = serde_json::from_str(&body.to_string().replace("$project", project)).expect("JSON");
            let list = format!("{path}{all}");
            for n in 0..25 {
                let urls = if n % 2 == 0 { [&server.url, other] } else { [other, &server.url] };
                let made = send(ask(urls[0], server.key(), Method::POST, path).json(&body)).await;
                assert_eq!(made.status, StatusCode::CREATED, "{name}: {}", made.text);
                let made = made.json();
                let id = if made["data"].is_object() { &made["data"]["id"] } else { &made["id"] };
                for url in urls {
                    let listed = send(ask(url, server.key(), Method::GET, &list)).await.json();
                    let all = if listed["data"].is_array() { &listed["data"] } else { &listed };
                    let is_there = all.as_array().expect("a list").iter().any(|one| one["id"] == *id);
                    assert!(is_there, "{name}: {id} is not in {listed}");
                }
            }
        }
    }))
    .await;
}
