//! Ids of another workspace in a body: they answer like ids that name nothing, to the byte.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::operation::Api;
use crate::server::{Server, ask, send};

/// Stands for the id in the requests below.
const X: &str = "$X";

/// One of everything in a workspace.
struct Things {
    key: String,
    project: String,
    task: String,
    sprint: String,
    member: String,
    label: String,
    team: String,
    position: String,
    space: String,
    customer: String,
}

impl Things {
    async fn make(server: &Server, key: &str) -> Self {
        let made = async |path: &str, body: Value| {
            let answer = send(ask(&server.url, key, Method::POST, path).json(&body)).await;
            assert_eq!(answer.status, StatusCode::CREATED, "{path}: {}", answer.text);
            answer.json()["id"].as_str().expect("an id").to_owned()
        };
        let project = made("/v1/projects", json!({"name": "P"})).await;
        let name = json!({"name": "N"});
        Self {
            key: key.to_owned(),
            task: made("/v1/tasks", json!({"project_id": project, "title": "T"})).await,
            sprint: made("/v1/sprints", json!({"project_id": project, "name": "S"})).await,
            member: made("/v1/members", json!({"email": "ada@example.com", "name": "Ada"})).await,
            label: made("/v1/labels", name.clone()).await,
            team: made("/v1/teams", name.clone()).await,
            position: made("/v1/positions", name.clone()).await,
            space: made("/v1/spaces", name.clone()).await,
            customer: made("/v1/customers", name).await,
            project,
        }
    }
}

/// Every request whose body refers to something: method, path, body, and what it refers to.
fn requests<'a>(own: &Things, foreign: &'a Things) -> Vec<(Method, String, Value, &'a str)> {
    let mut all = Vec::new();
    let mut add = |method: &Method, path: &str, body: Value, id: &'a str| {
        all.push((method.clone(), path.to_owned(), body, id));
    };
    let with = |base: &Value, name: &str, value: Value| {
        let mut body = base.clone();
        body[name] = value;
        body
    };
    let (post, patch) = (Method::POST, Method::PATCH);
    let task = json!({"project_id": own.project, "title": "T"});
    let references = [
        ("project_id", json!(X), &*foreign.project),
        ("parent_id", json!(X), &foreign.task),
        ("sprint_id", json!(X), &foreign.sprint),
        ("assignee_ids", json!([own.member, X]), &foreign.member),
        ("label_ids", json!([own.label, X]), &foreign.label),
    ];
    for (name, value, id) in references {
        add(&post, "/v1/tasks", with(&task, name, value.clone()), id);
        add(&patch, &format!("/v1/tasks/{}", own.task), json!({ name: value }), id);
    }
    let references = [
        ("lead_id", json!(X), &*foreign.member),
        ("member_ids", json!([X]), &foreign.member),
        ("team_id", json!(X), &foreign.team),
        ("space_id", json!(X), &foreign.space),
        ("customer_id", json!(X), &foreign.customer),
    ];
    for (name, value, id) in references {
        add(&post, "/v1/projects", with(&json!({"name": "P"}), name, value.clone()), id);
        add(&patch, &format!("/v1/projects/{}", own.project), json!({ name: value }), id);
    }
    add(&post, "/v1/sprints", json!({"project_id": X, "name": "S"}), &foreign.project);
    let closing = json!({"open_tasks": "move", "move_to": X});
    add(&post, &format!("/v1/sprints/{}/close", own.sprint), closing, &foreign.sprint);
    add(&post, "/v1/teams", json!({"name": "T", "member_ids": [X]}), &foreign.member);
    add(&patch, &format!("/v1/teams/{}", own.team), json!({"member_ids": [X]}), &foreign.member);
    add(&patch, &format!("/v1/members/{}", own.member), json!({"position_id": X}), &foreign.position);
    let time = json!({"project_id": own.project, "started_at": "2026-03-02T08:00:00Z", "duration_seconds": 60});
    for (name, id) in [("project_id", &*foreign.project), ("task_id", &foreign.task), ("member_id", &foreign.member)] {
        let mut body = with(&time, name, json!(X));
        if name == "task_id" {
            body.as_object_mut().expect("a body").remove("project_id");
        }
        add(&post, "/v1/timelogs", body, id);
        let mut start = json!({ name: X });
        if name == "member_id" {
            start["project_id"] = json!(own.project);
        }
        add(&post, "/v1/timelogs/start", start, id);
    }
    let note = json!({"title": "T", "recipient_ids": [X]});
    add(&post, "/v1/notifications", note, &foreign.member);
    for (kind, id) in [("task", &*foreign.task), ("project", &foreign.project)] {
        let note = json!({"title": "T", "recipient_ids": [own.member], "subject": {"type": kind, "id": X}});
        add(&post, "/v1/notifications", note, id);
    }
    let key = json!({"label": "K", "scopes": ["tasks:read"], "member_id": X});
    add(&post, "/v1/keys", key, &foreign.member);
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_id_in_a_body_answers_like_an_unknown_one() {
    let server = Server::start().await;
    let other = server.another_workspace().await;
    let (own, foreign) = (Things::make(&server, server.key()).await, Things::make(&server, &other.keys[0].token).await);
    let before = count(&server, &own.key).await;
    for (method, path, body, id) in requests(&own, &foreign) {
        let answer = async |id: &str| {
            let body = body.to_string().replace(X, id);
            let request = ask(&server.url, &own.key, method.clone(), &path);
            let request = request.header("X-Request-Id", "same").header("Content-Type", "application/json");
            let answer = send(request.body(body)).await;
            (answer.status, answer.text.replace(id, X))
        };
        let (unknown, found) = (answer(&Uuid::new_v4().to_string()).await, answer(id).await);
        assert_eq!(found, unknown, "{method} {path} {body}");
        assert_eq!(found.0, StatusCode::UNPROCESSABLE_ENTITY, "{method} {path} {body}: {}", found.1);
        assert!(found.1.contains("\"code\":\"unknown-reference\""), "{method} {path} {body}: {}", found.1);
    }
    assert_eq!(count(&server, &own.key).await, before, "nothing has happened");
}

/// The ring of keys that a member has is their workspace's, too: nobody else comes upon it.
#[tokio::test(flavor = "multi_thread")]
async fn no_key_is_minted_for_a_member_of_another_workspace_who_has_keys() {
    let server = Server::start().await;
    let other = server.neighbour("Other").await;
    for member in [other.owner_id.0, Uuid::new_v4()] {
        let answer =
            server.post("/v1/keys", json!({"label": "K", "scopes": ["tasks:read"], "member_id": member})).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        assert_eq!(answer.json()["code"], "unknown-reference");
    }
}

/// How far the workspace's history has come.
async fn count(server: &Server, key: &str) -> Value {
    let list = async |path: &str| send(ask(&server.url, key, Method::GET, path)).await.json()["total"].clone();
    json!([list("/v1/tasks").await, list("/v1/projects").await, list("/v1/timelogs").await, list("/v1/keys").await])
}

/// The members of bodies by which other resources are referred to.
#[test]
fn every_reference_in_a_body_is_tried() {
    let (api, things) = (Api::read(), || Things {
        key: String::new(),
        project: String::new(),
        task: String::new(),
        sprint: String::new(),
        member: String::new(),
        label: String::new(),
        team: String::new(),
        position: String::new(),
        space: String::new(),
        customer: String::new(),
    });
    let (own, foreign) = (things(), things());
    let tried: Vec<_> = requests(&own, &foreign).into_iter().map(|(_, _, body, _)| body).collect();
    for operation in api.operations.iter().filter(|operation| !operation.path.ends_with("/batch")) {
        let Some(content) = operation.value["requestBody"]["content"].as_object() else { continue };
        let schema = api.schema(&content.values().next().expect("a body")["schema"]);
        let names = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        let references = names.filter(|name| {
            (name.ends_with("_id") || name.ends_with("_ids")) && !["external_id", "phase_id", "tax_id"].contains(name)
        });
        for name in references {
            assert!(tried.iter().any(|body| !body[name].is_null()), "{} {}: {name}", operation.method, operation.path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_own_and_foreign_ids_has_no_effect() {
    let server = Server::start().await;
    let other = server.another_workspace().await;
    let (own, foreign) = (Things::make(&server, server.key()).await, Things::make(&server, &other.keys[0].token).await);
    let good = json!({"op": "create", "task": {"project_id": own.project, "title": "Good"}});
    let title = json!({"title": "Mine"});
    for bad in [
        json!({"op": "create", "task": {"project_id": foreign.project, "title": "Bad"}}),
        json!({"op": "update", "id": own.task, "set": {"assignee_ids": [foreign.member]}}),
        json!({"op": "update", "id": foreign.task, "set": title}),
        json!({"op": "delete", "id": foreign.task}),
        json!({"op": "restore", "id": foreign.task}),
        // Of one's own, but no task.
        json!({"op": "update", "id": own.sprint, "set": title}),
    ] {
        let change = json!({"op": "update", "id": own.task, "set": title});
        let refused = server.post("/v1/tasks/batch", json!({"commands": [good, change, bad]})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}: {}", refused.text);
        let pointer = refused.json()["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned();
        assert!(pointer.starts_with("/commands/2"), "{bad}: {pointer}");
    }
    let page = server.get("/v1/tasks").await.json();
    assert_eq!((&page["total"], &page["data"][0]["version"]), (&json!(1), &json!(1)));
    let theirs = send(ask(&server.url, &foreign.key, Method::GET, &format!("/v1/tasks/{}", foreign.task))).await;
    assert_eq!((theirs.json()["title"].as_str(), theirs.json()["version"].as_u64()), (Some("T"), Some(1)));
}
