//! All that happened in a workspace.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::types;
use crate::server::{Server, ask, send};

/// All events of the workspace, page by page.
async fn walk(server: &Server, query: &str) -> Vec<Value> {
    let (mut cursor, mut all) = (String::new(), Vec::new());
    loop {
        let page = server.get(&format!("/v1/audit?limit=7{query}{cursor}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let page = page.json();
        all.extend(page["data"].as_array().expect("a list").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mutation_is_there_exactly_once() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let many = json!({"op": "create", "task": {"project_id": project, "title": "T"}});
    server.post("/v1/tasks/batch", json!({"commands": vec![many; 20]})).await;
    let id = server.task(&project, "One").await;
    server.patch(&format!("/v1/tasks/{id}"), json!({"status": "done"})).await;
    server.another_workspace().await;

    let all = walk(&server, "").await;
    let stored = sqlx::PgPool::connect(&server.db.url).await.expect("the database");
    let stored: i64 = sqlx::query_scalar("select count(*) from log.events where workspace = $1")
        .bind(server.workspace.workspace_id.0)
        .fetch_one(&stored)
        .await
        .expect("a count");
    let positions: Vec<i64> = all.iter().map(|one| one["position"].as_i64().expect("a position")).collect();
    assert_eq!(positions.iter().collect::<BTreeSet<_>>().len() as i64, stored);
    assert_eq!(all.len() as i64, stored);
    assert!(positions.is_sorted_by(|a, b| a > b), "{positions:?}");
    let oldest = walk(&server, "&sort=position").await;
    assert!(oldest.iter().rev().eq(&all));
    assert!(all.iter().all(|one| one["data"]["sha256"].is_null()));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_find_what_they_should() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let id = server.task(&project, "T").await;
    let (member, token) = server.member("ada", "manager").await;
    let sent = ask(&server.url, &token, Method::PATCH, &format!("/v1/tasks/{id}")).header("X-Request-Id", "r-1");
    let patched = send(sent.json(&json!({"status": "done"}))).await;
    let position = patched.header("docket-position").split_once('-').expect("a position").1.to_owned();
    // One's own writes are always there; with them, what came before.
    server.project("Q").await;
    let all = walk(&server, "").await;
    let event = all.iter().find(|one| one["request_id"] == "r-1").expect("the event");
    let text = |name: &str| event[name].as_str().expect("text").to_owned();
    let encoded = text("recorded_at").replace(':', "%3A");
    for filter in [
        "request_id=r-1".to_owned(),
        format!("actor_id={member}"),
        format!("key_id={}", text("key_id")),
        format!("resource_id={id}&type=task.status_changed"),
        format!("kind=task,project&actor_id={member}&dialect=native"),
        format!("command_id={}", text("command_id")),
        format!("position={position}"),
        format!("position[gte]={position}&kind=task"),
        format!("recorded_at[gte]={encoded}&kind=task"),
        format!("recorded_at[gte]={encoded}&recorded_at[lte]={encoded}&kind[not]=project"),
    ] {
        let page = server.get(&format!("/v1/audit?{filter}")).await.json();
        assert_eq!(types(&page), ["task.status_changed"], "{filter}: {page}");
    }
    for nothing in ["dialect=other", "kind=space", "request_id=r-2", "recorded_at[lt]=2001-01-01T00:00:00Z"] {
        assert!(types(&server.get(&format!("/v1/audit?{nothing}")).await.json()).is_empty(), "{nothing}");
    }
    for bad in ["kind=thing", "position=x", "recorded_at[gte]=yesterday", "sort=type", "nonsense=1", "total=1"] {
        assert_eq!(server.get(&format!("/v1/audit?{bad}")).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_all_of_it_line_by_line() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let one = json!({"op": "create", "task": {"project_id": project, "title": "T"}});
    for _ in 0..5 {
        server.post("/v1/tasks/batch", json!({"commands": vec![one.clone(); 300]})).await;
    }
    let export = |path: &str| server.ask(Method::GET, path).header("Accept", "application/x-ndjson");
    let answer = send(export("/v1/audit?kind=task&sort=position")).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/x-ndjson"));
    let lines: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (end, events) = lines.split_last().expect("lines");
    assert_eq!((events.len(), &end["end"]["events"]), (1_500, &json!(1_500)));
    assert!(events.is_sorted_by_key(|event| event["position"].as_i64()));
    assert!(events.iter().all(|event| event["type"] == "task.created"));
    assert_eq!(send(export("/v1/audit?limit=5")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(send(export("/v1/audit?kind=thing")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_for_auditors_and_admins() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let body = json!({"label": "auditor", "scopes": ["audit:read"], "service_role": "admin"});
    let auditor = server.post("/v1/keys", body).await.json()["token"].as_str().expect("a token").to_owned();
    let body = json!({"label": "reader", "scopes": ["projects:read", "tasks:read"]});
    let reader = server.post("/v1/keys", body).await.json()["token"].as_str().expect("a token").to_owned();
    let (_, manager) = server.member("ada", "manager").await;
    for path in [
        "/v1/audit".to_owned(),
        format!("/v1/projects/{project}/history"),
        format!("/v1/projects/{project}/explain?field=name"),
    ] {
        for (token, status) in [(&auditor, 200), (&reader, 403), (&manager, 403)] {
            let answer = send(ask(&server.url, token, Method::GET, &path)).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.text);
        }
    }
    assert_eq!(send(ask(&server.url, &auditor, Method::GET, &format!("/v1/projects/{project}"))).await.status, 403);
}

fn instant(text: &Value) -> chrono::DateTime<chrono::FixedOffset> {
    chrono::DateTime::parse_from_rfc3339(text.as_str().expect("a text")).expect("an instant")
}

#[tokio::test(flavor = "multi_thread")]
async fn its_activity_counts_what_its_filters_find() {
    let server = Server::start().await;
    let project = server.project("P").await;
    for _ in 0..3 {
        server.task(&project, "T").await;
    }
    for query in ["", "&kind=task", "&type=task.created&dialect=native"] {
        let found = walk(&server, query).await;
        let counted = server.get(&format!("/v1/audit/activity?{}", query.trim_start_matches('&'))).await;
        assert_eq!(counted.status, StatusCode::OK, "{}", counted.text);
        let counted = counted.json();
        let spans = counted["spans"].as_array().expect("spans");
        assert_eq!((spans.len(), spans.iter().filter_map(Value::as_u64).sum()), (120, found.len() as u64));
        assert_eq!(counted["events"], found.len());
        let ends = (&found.last().expect("an event")["recorded_at"], &found[0]["recorded_at"]);
        assert_eq!((instant(&counted["from"]), instant(&counted["to"])), (instant(ends.0), instant(ends.1)));
        assert!(spans[0].as_i64() > Some(0) && spans[119].as_i64() > Some(0), "{counted}");
    }
    // However it is counted, by blocks of 1,024 or one by one, it comes to the same.
    let one = json!({"op": "create", "task": {"project_id": project, "title": "T"}});
    for _ in 0..7 {
        let made = server.post("/v1/tasks/batch", json!({"commands": vec![one.clone(); 350]})).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    }
    for known in ["", "kind=task&", "kind=project,task&", "type=task.created&", "kind=task&dialect=native&"] {
        let counted = server.get(&format!("/v1/audit/activity?{known}")).await.json();
        assert!(counted["events"].as_i64() > Some(2 * 1024), "{counted}");
        assert_eq!(counted, server.get(&format!("/v1/audit/activity?{known}position[gte]=1")).await.json(), "{known}");
    }
    let nothing = server.get("/v1/audit/activity?recorded_at[lt]=2001-01-01T00:00:00Z").await.json();
    assert_eq!(nothing, json!({"from": null, "to": null, "events": 0, "spans": [], "checkpoint": null}));
    for refused in ["sort=position", "limit=5", "cursor=x", "fields=data", "sprint=1"] {
        let answer = server.get(&format!("/v1/audit/activity?{refused}")).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (StatusCode::BAD_REQUEST, &json!("unknown-parameter")),
            "{refused}"
        );
    }
}
