//! What holds on every mount: any key opens it, whatever its form, what is written through it is seen at once, and pages
//! are walked while others write.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// The pages of all tasks by cursor, and where the cursor of the next one is.
const WALKS: [(&str, &str, &str); 3] = [
    ("/pike/tasks?limit=7&cursor=", "/items", "/nextCursor"),
    ("/krokanti/api/tasks?limit=7&cursor=", "/data", "/nextCursor"),
    ("/projekt/api/issues?limit=7&cursor=", "/data", "/meta/next_cursor"),
];

/// The ids on all pages, in their order.
async fn walk(server: &Server, (pages, items, next): (&str, &str, &str)) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("{pages}{cursor}")).await.json();
        let items = page.pointer(items).and_then(Value::as_array).unwrap_or_else(|| panic!("{page}"));
        ids.extend(items.iter().map(|one| one["id"].as_str().expect("an id").to_owned()));
        match page.pointer(next).and_then(Value::as_str) {
            Some(next) => next.clone_into(&mut cursor),
            None => return ids,
        }
    }
}

/// Whoever goes from page to page sees what is there all the time, each once, whatever others write meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn pages_by_cursor_have_no_gap_and_nothing_twice_while_others_write() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let task = json!({"op": "create", "task": {"project_id": project, "title": "There"}});
    let made = server.post("/v1/tasks/batch", json!({"commands": vec![task; 60]})).await;
    assert!(made.status.is_success(), "{}", made.text);
    let there = walk(&server, WALKS[0]).await;
    assert_eq!(there.len(), 60);
    let is_over = AtomicBool::new(false);
    let write = async {
        while !is_over.load(Ordering::Relaxed) {
            let fleeting = server.task(&project, "Fleeting").await;
            server.task(&project, "New").await;
            server.delete(&format!("/v1/tasks/{fleeting}")).await;
        }
    };
    let read = async {
        for ways in [WALKS; 3] {
            for seen in join_all(ways.map(|way| walk(&server, way))).await {
                let once: BTreeSet<_> = seen.iter().collect();
                assert_eq!(once.len(), seen.len(), "something is there twice");
                assert!(there.iter().all(|id| once.contains(id)), "something is not there");
            }
        }
        is_over.store(true, Ordering::Relaxed);
    };
    tokio::join!(write, read);
}
