//! The explorer: how its files are served, what may not stand in them, and a walk through it with a browser.

use std::path::Path;

use chrono::{Days, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::audit::{settled, signing_server};
use crate::browser;
use crate::server::{Server, ask, send};

/// Texts of users that would do something if they ever became markup.
const HOSTILE: [&str; 3] =
    ["<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>", "<b>“bold” & 'quoted'</b>"];

#[tokio::test(flavor = "multi_thread")]
async fn its_files_are_safe_to_keep_and_to_run() {
    let server = Server::start().await;
    let page = server.get("/explorer").await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    let mut named: Vec<_> =
        page.text.split("\"explorer/").skip(1).filter_map(|rest| rest.split(['"', '#']).next()).collect();
    assert!(named.len() > 3, "{named:?}");
    named.push("api.js");
    for path in named.iter().map(|name| format!("/explorer/{name}")).chain(["/explorer".to_owned()]) {
        let file = server.get(&path).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        let policy = file.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(file.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(file.header("cache-control"), "no-cache", "{path}");
        let known = server.ask(Method::GET, &path).header("if-none-match", file.header("etag"));
        let known = send(known).await;
        assert_eq!((known.status, known.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        assert_eq!(known.header("content-security-policy"), policy, "{path}");
    }
    assert_eq!(server.get("/explorer/nothing.js").await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.post("/explorer", json!({})).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn it_offers_every_type_of_event_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalogue = std::fs::read_to_string(root.join("../docs/events.md")).expect("the catalogue");
    let offered = std::fs::read_to_string(root.join("src/explorer/page/types.js")).expect("the file");
    let (_, catalogue) = catalogue.split_once("## Catalogue").expect("a catalogue");
    let offered: Vec<_> = offered.lines().filter_map(|line| line.split('"').nth(1)).collect();
    let cells = catalogue.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    let events: Vec<_> = cells.flat_map(|cell| cell.split('`')).filter(|name| is_type(name)).collect();
    let missing: Vec<_> = events.iter().filter(|name| !offered.contains(name)).collect();
    assert!(events.len() > 50 && missing.is_empty(), "{missing:?}");
    let kinds = docket_domain::kinds::NAMES;
    assert!(
        offered.iter().all(|name| name.split_once('.').is_some_and(|(kind, _)| kinds.contains(&kind))),
        "{offered:?}"
    );
}

/// Like `task.created`.
fn is_type(name: &str) -> bool {
    let plain = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase());
    name.split_once('.').is_some_and(|(kind, what)| plain(kind) && plain(what))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_walks_through_it() {
    let (server, _) = signing_server().await;
    browser::walk("explorer", &server, &fill(&server).await).await;
}

/// A workspace with something to see, and what there is.
async fn fill(server: &Server) -> Value {
    let project = server.project("Website").await;
    let (start, end) = (Utc::now().date_naive() - Days::new(2), Utc::now().date_naive() + Days::new(4));
    let planned = json!({"project_id": project, "name": "Sprint 1", "start_date": start, "end_date": end});
    let sprint = server.made("/v1/sprints", planned).await;
    let new = json!({"project_id": project, "title": "Move me", "sprint_id": sprint});
    let task = server.made("/v1/tasks", new).await;
    for status in ["in_progress", "in_review"] {
        let moved = server.patch(&format!("/v1/tasks/{task}"), json!({"status": status})).await;
        assert_eq!(moved.status, StatusCode::OK, "{}", moved.text);
    }
    let gone = server.project("Gone").await;
    let here = server.post("/v1/tasks", json!({"project_id": gone, "title": "Was here"})).await;
    let then = here.header("docket-position").split_once('-').expect("a position").1.to_owned();
    server.delete(&format!("/v1/projects/{gone}")).await;
    let one = |number| json!({"op": "create", "task": {"project_id": project, "title": format!("Task {number}")}});
    let made = server.post("/v1/tasks/batch", json!({"commands": (0..220).map(one).collect::<Vec<_>>()})).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let renamed = server.patch(&format!("/v1/projects/{project}"), json!({"name": "Web"})).await;
    let undone = format!("/v1/events/{}/undo", renamed.header("docket-position"));
    let undo = server.post(&undone, json!({})).await;
    assert_eq!(undo.status, StatusCode::OK, "{}", undo.text);
    let undo = undo.json()["events"][0]["position"].clone();
    // Last, so that they are in sight.
    for title in HOSTILE {
        server.task(&project, title).await;
    }
    let auditor = json!({"label": "auditor", "scopes": ["audit:read"], "service_role": "admin"});
    let powerless = json!({"label": "powerless", "scopes": ["tasks:read"], "service_role": "member"});
    let (auditor, powerless) = (token(server, auditor).await, token(server, powerless).await);
    let last = ask(&server.url, &auditor, Method::GET, "/v1/audit?type=task.status_changed&limit=1");
    let position = send(last).await.json()["data"][0]["position"].clone();
    let newest = send(ask(&server.url, &auditor, Method::GET, "/v1/audit?limit=1")).await.json();
    let proof = format!("/v1/audit/proof?position={}", newest["data"][0]["position"]);
    let checkpoint = settled(server, &proof).await.json()["checkpoint"].clone();
    json!({
        "key": server.key(), "auditor": auditor, "powerless": powerless, "project": project, "sprint": sprint, "task": task,
        // The sprint, the task, and its first move.
        "steps": 3, "gone": gone, "then": then,
        "position": position, "undo": undo, "moves": 2, "hostile": HOSTILE, "events": checkpoint["size"], "checkpoint": checkpoint["note"],
    })
}

async fn token(server: &Server, key: Value) -> String {
    let minted = server.post("/v1/keys", key).await;
    assert_eq!(minted.status, StatusCode::CREATED, "{}", minted.text);
    minted.json()["token"].as_str().expect("a token").to_owned()
}
