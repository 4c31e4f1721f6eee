//! The workspace itself over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, ask, send};

#[tokio::test(flavor = "multi_thread")]
async fn the_workspace_of_the_key_is_shown_and_changed() {
    let server = Server::start().await;
    let read = server.get("/v1/workspace").await;
    let workspace = read.json();
    assert_eq!(workspace["id"], server.workspace.workspace_id.to_string());
    assert_eq!((&workspace["name"], &workspace["time_zone"]), (&"Test".into(), &"UTC".into()));
    assert_eq!(workspace["owner_ids"], json!([server.workspace.owner_id.to_string()]));
    let categories: Vec<_> =
        workspace["project_statuses"].as_array().expect("states").iter().map(|one| one["category"].clone()).collect();
    assert_eq!(categories, ["backlog", "planned", "in_progress", "completed", "cancelled"]);

    let body = json!({"name": "Byron's", "plan": "team", "locale": "de-AT", "time_zone": "Europe/Vienna"});
    let patched = server.patch("/v1/workspace", body.clone()).await;
    assert_eq!(patched.status, StatusCode::OK, "{}", patched.text);
    assert_eq!(server.get("/v1/workspace").await.json(), patched.json());
    for (field, value) in body.as_object().expect("fields") {
        assert_eq!(&patched.json()[field], value);
    }
    assert_eq!(server.patch("/v1/workspace", body).await.header("etag"), patched.header("etag"));
    let stale = server.ask(Method::PATCH, "/v1/workspace").header("If-Match", read.header("etag"));
    assert_eq!(send(stale.json(&json!({"name": "X"}))).await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(server.get("/v1/me").await.json()["workspace"], patched.json());

    let activity = server.get("/v1/workspace/activity").await.json();
    let types: Vec<_> = activity["data"].as_array().expect("a list").iter().map(|one| one["type"].clone()).collect();
    let expected = ["created", "owner_added", "renamed", "plan_changed", "locale_changed", "time_zone_changed"];
    assert_eq!(types, expected.map(|verb| Value::from(format!("workspace.{verb}"))));
    let other = server.another_workspace().await;
    let theirs = send(ask(&server.url, &other.keys[0].token, Method::GET, "/v1/workspace")).await.json();
    assert_eq!(theirs["name"], "Other");
}

#[tokio::test(flavor = "multi_thread")]
async fn states_of_projects_are_the_workspace_s_own() {
    let server = Server::start().await;
    let mut states = server.get("/v1/workspace").await.json()["project_statuses"].clone();
    let list = states.as_array_mut().expect("states");
    list[1]["name"] = "Next".into();
    list.remove(0);
    list.insert(2, json!({"key": "in_review", "name": "In review", "category": "in_progress", "color": "#fbca04"}));
    let patched = server.patch("/v1/workspace", json!({"project_statuses": states})).await;
    assert_eq!(patched.status, StatusCode::OK, "{}", patched.text);
    assert_eq!(server.get("/v1/workspace").await.json()["project_statuses"], states);

    for (index, field, value, code) in [
        (2, "key", json!("planned"), "duplicate-value"),
        (2, "key", json!("In review"), "bad-key"),
        (2, "name", json!("NEXT"), "duplicate-value"),
        (1, "category", json!("completed"), "category-fixed"),
        (1, "category", json!("doing"), "invalid-value"),
        (0, "color", json!("red"), "not-a-color"),
    ] {
        let mut wrong = states.clone();
        wrong[index][field] = value;
        let refused = server.patch("/v1/workspace", json!({"project_statuses": wrong})).await;
        let json = refused.json();
        let pointer = format!("/project_statuses/{index}/{field}");
        assert_eq!((refused.status, &json["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &code.into()), "{json}");
        assert_eq!(json["errors"][0]["pointer"], pointer.as_str(), "{json}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named_and_the_plan_is_the_owner_s() {
    let server = Server::start().await;
    for (body, code) in [
        (json!({"time_zone": "../etc/passwd"}), "not-a-time-zone"),
        (json!({"time_zone": "Europe/Atlantis"}), "not-a-time-zone"),
        (json!({"locale": "German"}), "not-a-language"),
        (json!({"plan": "gold"}), "invalid-value"),
        (json!({"project_statuses": []}), "out-of-range"),
        (json!({"name": null}), "wrong-type"),
        (json!({"owner_ids": []}), "unknown-field"),
    ] {
        let refused = server.patch("/v1/workspace", body).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (422, &code.into()), "{}", refused.text);
    }
    let (_, admin) = server.member("admin", "admin").await;
    let (_, manager) = server.member("manager", "manager").await;
    let patch = |key: &str, body: Value| send(ask(&server.url, key, Method::PATCH, "/v1/workspace").json(&body));
    assert_eq!(patch(&admin, json!({"name": "A"})).await.status, StatusCode::OK);
    assert_eq!(patch(&admin, json!({"plan": "free"})).await.json()["code"], "role-too-low");
    assert_eq!(patch(&manager, json!({"name": "M"})).await.json()["code"], "role-too-low");
}

fn without(states: &Value, key: &str) -> Value {
    states.as_array().expect("states").iter().filter(|state| state["key"] != key).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_projects_are_in_goes_only_with_another_to_go_to() {
    let server = Server::start().await;
    let states = server.get("/v1/workspace").await.json()["project_statuses"].clone();
    let mut projects = Vec::new();
    for name in ["A", "B"] {
        let body = json!({"name": name, "status": "planned"});
        projects.push(format!("/v1/projects/{}", server.made("/v1/projects", body).await));
    }
    let next = without(&states, "planned");
    let refused = server.patch("/v1/workspace", json!({"name": "X", "project_statuses": next})).await;
    let problem = refused.json();
    assert_eq!((refused.status.as_u16(), &problem["code"]), (409, &json!("status-in-use")), "{problem}");
    assert!(problem["detail"].as_str().expect("a sentence").contains("planned is in use by 2"), "{problem}");
    assert_eq!(problem["errors"][0]["pointer"], "/project_statuses");
    assert_eq!(server.get("/v1/workspace").await.json()["name"], "Test");
    for (body, code) in [
        (json!({"project_statuses": next, "replace_with": "planned"}), "unknown-status"),
        (json!({"replace_with": "backlog"}), "not-taken"),
    ] {
        let refused = server.patch("/v1/workspace", body).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (422, &json!(code)), "{}", refused.text);
        assert_eq!(refused.json()["errors"][0]["pointer"], "/replace_with");
    }
    let replaced = json!({"project_statuses": next, "replace_with": "completed"});
    let replaced = || send(server.ask(Method::PATCH, "/v1/workspace").header("Idempotency-Key", "1").json(&replaced));
    let (first, again) = (replaced().await, replaced().await);
    assert_eq!((first.status, &first.json()["project_statuses"]), (StatusCode::OK, &next), "{}", first.text);
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    for project in &projects {
        let project = server.get(project).await.json();
        let status = (&project["status"], &project["status_category"], &project["version"]);
        assert_eq!(status, (&json!("completed"), &json!("completed"), &json!(2)));
    }
    let unused = server.patch("/v1/workspace", json!({"project_statuses": without(&next, "cancelled")})).await;
    assert_eq!(unused.status, StatusCode::OK, "{}", unused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_project_is_left_in_a_state_that_goes_while_they_come_into_it() {
    let server = Server::start().await;
    let states = server.get("/v1/workspace").await.json()["project_statuses"].clone();
    for (round, replace_with) in [Some("backlog"), None, Some("completed"), None].into_iter().enumerate() {
        let restored = server.patch("/v1/workspace", json!({"project_statuses": states})).await;
        assert_eq!(restored.status, StatusCode::OK, "{}", restored.text);
        let mut body = json!({"project_statuses": without(&states, "planned")});
        if let Some(key) = replace_with {
            body["replace_with"] = json!(key);
        }
        let coming = (0..8).map(|_| server.post("/v1/projects", json!({"name": "P", "status": "planned"})));
        let (came, changed) = tokio::join!(futures::future::join_all(coming), server.patch("/v1/workspace", body));
        assert!(came.iter().all(|answer| matches!(answer.status.as_u16(), 201 | 422)));
        assert!(changed.status == StatusCode::OK || replace_with.is_none(), "{}", changed.text);
        let now = server.get("/v1/workspace").await.json()["project_statuses"].clone();
        let is_there = now.as_array().expect("states").iter().any(|state| state["key"] == "planned");
        let left = server.get("/v1/projects?status=planned").await.json()["total"].as_i64().expect("a total");
        assert!(is_there || left == 0, "{left} are left in round {round}");
        assert_eq!(is_there, changed.status == StatusCode::CONFLICT, "{}", changed.text);
        let away = server.patch(
            "/v1/workspace",
            json!({"project_statuses": without(&states, "planned"), "replace_with": "backlog"}),
        );
        assert_eq!(away.await.status, StatusCode::OK);
    }
}
