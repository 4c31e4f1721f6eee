//! Tasks over HTTP: parts, estimates, and people and labels one by one.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, ask, send};

const UNKNOWN: &str = "7d444840-9dc0-41d1-b245-5ffdce74fad2";

#[tokio::test(flavor = "multi_thread")]
async fn a_task_has_parts_and_is_never_one_of_its_own() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let (a, b, c) =
        (server.task(&project, "a").await, server.task(&project, "b").await, server.task(&project, "c").await);
    let under = async |task: &str, parent: &str| {
        let answer = server.patch(&format!("/v1/tasks/{task}"), json!({"parent_id": parent})).await;
        (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(under(&b, &a).await.0, 200);
    assert_eq!(under(&c, &b).await.0, 200);
    for (task, parent) in [(&a, &a), (&a, &b), (&a, &c), (&b, &c)] {
        assert_eq!(under(task, parent).await, (409, "part-of-itself".to_owned()));
    }
    for nothing in [UNKNOWN, &project] {
        assert_eq!(under(&a, nothing).await, (422, "unknown-reference".to_owned()));
    }
    let parts = server.get(&format!("/v1/tasks/{a}/children")).await.json();
    assert_eq!((&parts["total"], &parts["data"][0]["id"]), (&json!(1), &json!(b)));
    assert_eq!(server.get(&format!("/v1/tasks/{UNKNOWN}/children")).await.status, StatusCode::NOT_FOUND);

    // What is deleted, or above what is, takes no parts.
    let d = server.task(&project, "d").await;
    server.delete(&format!("/v1/tasks/{a}")).await;
    assert_eq!(under(&d, &a).await, (422, "unknown-reference".to_owned()));
    assert_eq!(under(&d, &c).await, (409, "ancestor-deleted".to_owned()));
    assert_eq!(server.get(&format!("/v1/tasks/{b}")).await.json()["parent_id"], json!(a));
    server.post(&format!("/v1/tasks/{a}/restore"), json!({})).await;
    assert_eq!(under(&d, &c).await.0, 200);
    assert_eq!(under(&a, &d).await, (409, "part-of-itself".to_owned()));

    let batch = json!({"commands": [
        {"op": "update", "id": b, "set": {"parent_id": null}},
        {"op": "update", "id": a, "set": {"parent_id": d}},
        {"op": "update", "id": b, "set": {"parent_id": a}},
    ]});
    let refused = server.post("/v1/tasks/batch", batch).await;
    assert_eq!(
        (refused.status, &refused.json()["errors"][0]["pointer"]),
        (StatusCode::CONFLICT, &json!("/commands/2/set/parent_id"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_out_of_reach_takes_no_parts() {
    let server = Server::start().await;
    let (here, gone) = (server.project("here").await, server.project("gone").await);
    let (task, parent) = (server.task(&here, "t").await, server.task(&gone, "p").await);
    server.delete(&format!("/v1/projects/{gone}")).await;
    let refused = server.patch(&format!("/v1/tasks/{task}"), json!({"parent_id": parent})).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown-reference"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_moves_never_close_a_circle() {
    let server = Server::start().await;
    let (other, _stop) = server.another_node().await;
    let project = server.project("P").await;
    for _ in 0..6 {
        let mut tasks = Vec::new();
        for n in 0..4 {
            tasks.push(server.task(&project, &n.to_string()).await);
        }
        let race = tasks.iter().enumerate().map(async |(n, task)| {
            let node = if n % 2 == 0 { &server.url } else { &other };
            let body = json!({"parent_id": tasks[(n + 1) % tasks.len()]});
            let path = format!("/v1/tasks/{task}");
            send(crate::server::ask(node, server.key(), Method::PATCH, &path).json(&body)).await
        });
        let answers = futures::future::join_all(race).await;
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status != StatusCode::OK).collect();
        assert_eq!(refused.len(), 1, "{answers:?}");
        assert_eq!(refused[0].json()["code"], "part-of-itself");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn estimates_and_completion_are_kept() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let body = json!({"project_id": project, "title": "T", "estimate_minutes": 90, "estimate_points": 3});
    let path = format!("/v1/tasks/{}", server.made("/v1/tasks", body).await);
    let done = server.patch(&path, json!({"status": "done", "estimate_minutes": null})).await.json();
    assert_eq!((&done["estimate_minutes"], &done["estimate_points"]), (&Value::Null, &json!(3)));
    assert_eq!(done["completed_at"], done["updated_at"]);
    assert_eq!(server.get(&path).await.json(), done);
    assert_eq!(server.patch(&path, json!({"status": "todo"})).await.json()["completed_at"], Value::Null);
    for wrong in [json!(-1), json!(10_001), json!(1.5), json!("3"), json!(1e30)] {
        let refused = server.patch(&path, json!({"estimate_points": wrong})).await;
        assert!(refused.status.is_client_error(), "{}", refused.text);
        assert_eq!(server.get(&path).await.json()["version"], 4, "{wrong}");
    }
    let refused = server.patch(&path, json!({"estimate_points": 10_001})).await.json();
    assert_eq!(
        (&refused["code"], &refused["errors"][0]["pointer"]),
        (&json!("out-of-range"), &json!("/estimate_points"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_labels_come_and_go_one_by_one() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let task = format!("/v1/tasks/{}", server.task(&project, "T").await);
    let label = server.made("/v1/labels", json!({"name": "Bug"})).await;
    let member = server.made("/v1/members", json!({"email": "bo@example.com", "name": "Bo"})).await;
    for (kind, id, field) in [("labels", &label, "label_ids"), ("assignees", &member, "assignee_ids")] {
        let path = format!("{task}/{kind}/{id}");
        let put = send(server.ask(Method::PUT, &path)).await;
        assert_eq!((put.status, &put.json()[field]), (StatusCode::OK, &json!([id])), "{}", put.text);
        assert_eq!(send(server.ask(Method::PUT, &path)).await.json(), put.json());
        for gone in [true, false] {
            assert_eq!(server.delete(&path).await.status, StatusCode::NO_CONTENT, "{gone}");
        }
        assert_eq!(server.get(&task).await.json()[field], json!([]));
        for nothing in [UNKNOWN, "x", &project] {
            let refused = send(server.ask(Method::PUT, &format!("{task}/{kind}/{nothing}"))).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text);
        }
    }
}

/// Also of what would change nothing, and on a node that has last seen the project while it was there.
#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_out_of_reach_of_every_write_while_its_project_is_deleted() {
    let server = Server::start().await;
    let (other, _stop) = server.another_node().await;
    let (project, label) = (server.project("P").await, server.made("/v1/labels", json!({"name": "Bug"})).await);
    let body = json!({"project_id": project, "title": "T", "label_ids": [label]});
    let made = send(ask(&other, server.key(), Method::POST, "/v1/tasks").json(&body)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let task = made.header("location").to_owned();
    let labelled = format!("{task}/labels/{label}");
    assert_eq!(server.delete(&format!("/v1/projects/{project}")).await.status, StatusCode::NO_CONTENT);
    let writes = || {
        [
            (Method::PATCH, task.clone(), json!({})),
            (Method::PATCH, task.clone(), json!({"title": "T"})),
            (Method::PATCH, task.clone(), json!({"title": "Other"})),
            (Method::PUT, labelled.clone(), json!({})),
            (Method::POST, format!("{task}/comments"), json!({"body": "B"})),
        ]
    };
    for url in [&other, &server.url] {
        for (method, path, body) in writes() {
            let what = format!("{method} {path} {body}");
            let refused = send(ask(url, server.key(), method, &path).json(&body)).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND, "{what}: {}", refused.text);
        }
    }
    let restored = server.post(&format!("/v1/projects/{project}/restore"), json!({})).await;
    assert_eq!(restored.status, StatusCode::OK, "{}", restored.text);
    for (method, path, body) in writes() {
        let what = format!("{method} {path} {body}");
        let done = send(ask(&other, server.key(), method, &path).json(&body)).await;
        assert!(done.status.is_success(), "{what}: {}", done.text);
    }
}
