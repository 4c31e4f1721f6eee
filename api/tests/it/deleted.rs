//! What was deleted can be found by who may restore it, over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, ask, send};

/// The ids on the page that this path shows, which are as many as it says.
async fn ids(server: &Server, path: &str) -> Vec<Value> {
    let page = server.get(path).await.json();
    let ids: Vec<_> = page["data"]
        .as_array()
        .unwrap_or_else(|| panic!("{path}: {page}"))
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(page["total"], ids.len(), "{path}");
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_is_listed_until_it_is_restored() {
    let server = Server::start().await;
    let project = server.project("Kept").await;
    let gone = server.project("Gone").await;
    let task = server.task(&project, "Write the text").await;
    let comments = format!("/v1/tasks/{}/comments", server.task(&project, "Other").await);
    let comment = server.made(&comments, json!({"body": "So it is."})).await;
    let sprint = server.made("/v1/sprints", json!({"project_id": project, "name": "One"})).await;
    let label = server.made("/v1/labels", json!({"name": "Bug"})).await;
    let day = json!({"project_id": project, "started_at": "2026-07-01T08:00:00Z", "duration_seconds": 60});
    let timelog = server.made("/v1/timelogs", day).await;
    for (list, id) in [
        ("/v1/projects", &gone),
        ("/v1/tasks", &task),
        (&*comments, &comment),
        ("/v1/sprints", &sprint),
        ("/v1/labels", &label),
        ("/v1/timelogs", &timelog),
    ] {
        let all = ids(&server, list).await;
        assert_eq!(ids(&server, &format!("{list}?deleted=true")).await, [] as [Value; 0], "{list}");
        let removed = server.delete(&format!("{list}/{id}")).await;
        assert_eq!(removed.status, StatusCode::NO_CONTENT, "{list}: {}", removed.text);
        assert_eq!(ids(&server, &format!("{list}?deleted=true&sort=-updated_at")).await, [json!(id)], "{list}");
        let others: Vec<_> = all.iter().filter(|one| **one != json!(id)).cloned().collect();
        for path in [list.to_owned(), format!("{list}?deleted=false")] {
            assert_eq!(ids(&server, &path).await, others, "{path}");
        }
        let restored = server.post(&format!("{list}/{id}/restore"), json!({})).await;
        assert_eq!(restored.status, StatusCode::OK, "{list}: {}", restored.text);
        assert_eq!(ids(&server, &format!("{list}?deleted=true")).await, [] as [Value; 0], "{list}");
        assert_eq!(ids(&server, list).await, all, "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_with_its_project_comes_back_with_it() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let task = server.task(&project, "T").await;
    server.delete(&format!("/v1/tasks/{task}")).await;
    assert_eq!(ids(&server, "/v1/tasks?deleted=true&title[contains]=t").await, [json!(task)]);
    server.delete(&format!("/v1/projects/{project}")).await;
    assert_eq!(ids(&server, "/v1/tasks?deleted=true").await, [] as [Value; 0]);
    assert_eq!(ids(&server, "/v1/projects?deleted=true&q=P").await, [json!(project)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_the_scope_and_the_role_that_restoring_takes() {
    let server = Server::start().await;
    let (_, member) = server.member("bo", "member").await;
    let body = json!({"label": "reads", "scopes": ["read"]});
    let reads = server.post("/v1/keys", body).await.json()["token"].as_str().expect("a token").to_owned();
    for (key, path, status, code) in [
        (&reads, "/v1/tasks", 403, "missing-scope"),
        (&reads, "/v1/labels", 403, "missing-scope"),
        (&member, "/v1/tasks", 200, ""),
        (&member, "/v1/projects", 403, "role-too-low"),
    ] {
        let asked = send(ask(&server.url, key, Method::GET, &format!("{path}?deleted=true"))).await;
        let code_is = asked.json()["code"].as_str().unwrap_or_default().to_owned();
        assert_eq!((asked.status.as_u16(), &*code_is), (status, code), "{path}: {}", asked.text);
        let live = send(ask(&server.url, key, Method::GET, &format!("{path}?deleted=false"))).await;
        assert_eq!(live.status, StatusCode::OK, "{path}: {}", live.text);
    }
    for (path, code) in [
        ("/v1/tasks?deleted=true&q=text", "out-of-place"),
        ("/v1/tasks?deleted=yes", "invalid-parameter"),
        ("/v1/members?deleted=true", "unknown-parameter"),
    ] {
        let asked = server.get(path).await;
        assert_eq!((asked.status.as_u16(), &asked.json()["code"]), (400, &json!(code)), "{path}: {}", asked.text);
    }
}
