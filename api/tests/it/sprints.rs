//! Sprints over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, send};

impl Server {
    async fn sprint(&self, project: &str, name: &str) -> String {
        self.made("/v1/sprints", json!({"project_id": project, "name": name})).await
    }

    async fn act(&self, path: String, body: Value) -> Answer {
        self.post(&path, body).await
    }

    async fn in_sprint(&self, project: &str, sprint: &str, title: &str) -> String {
        self.made("/v1/tasks", json!({"project_id": project, "title": title, "sprint_id": sprint})).await
    }
}

fn code(answer: &Answer) -> (u16, String, String) {
    let problem = answer.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), text(&problem["code"]), text(&problem["errors"][0]["pointer"]))
}

fn refused(status: u16, what: &str, pointer: &str) -> (u16, String, String) {
    (status, what.to_owned(), pointer.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sprint_lives_from_plan_to_close_and_back() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let plan = json!({"project_id": project, "name": "July", "goal": "Go live.", "start_date": "2026-07-01", "end_date": "2026-07-14"});
    let created = server.post("/v1/sprints", plan).await;
    assert_eq!((created.status, &created.json()["status"]), (StatusCode::CREATED, &json!("planned")));
    let path = created.header("location").to_owned();
    assert_eq!(created.json(), server.get(&path).await.json());
    assert_eq!(created.json()["tasks"], 0);

    let early = server.act(format!("{path}/close"), json!({"open_tasks": "keep"})).await;
    assert_eq!(code(&early), refused(409, "sprint-not-started", ""));
    let started = server.post(&format!("{path}/start"), json!({})).await.json();
    assert_eq!((&started["status"], started["started_at"].is_string()), (&json!("active"), true));
    let closed = server.act(format!("{path}/close"), json!({"open_tasks": "keep"})).await.json();
    assert_eq!((&closed["status"], closed["closed_at"].is_string()), (&json!("closed"), true));
    assert_eq!(code(&server.post(&format!("{path}/start"), json!({})).await), refused(409, "sprint-closed", ""));
    let again = server.post(&format!("{path}/reopen"), json!({})).await.json();
    assert_eq!((&again["status"], &again["closed_at"]), (&json!("active"), &Value::Null));

    let patched = server.patch(&path, json!({"name": "Summer", "goal": null, "end_date": "2026-06-30"})).await;
    assert_eq!(code(&patched), refused(422, "end-before-start", "/end_date"));
    let patched = server.patch(&path, json!({"name": "Summer", "goal": null})).await.json();
    assert_eq!((&patched["name"], &patched["goal"], &patched["version"]), (&json!("Summer"), &Value::Null, &json!(6)));
    assert_eq!(server.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(server.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(server.post(&format!("{path}/restore"), json!({})).await.json()["name"], "Summer");
    assert_eq!(server.get("/v1/sprints?status=active").await.json()["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_tasks_are_listed_counted_and_part_of_its_tag() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let sprint = server.sprint(&project, "July").await;
    let path = format!("/v1/sprints/{sprint}");
    let before = server.get(&path).await;
    let task = server.in_sprint(&project, &sprint, "A").await;
    server.in_sprint(&project, &sprint, "B").await;
    server.task(&project, "elsewhere").await;
    server.patch(&format!("/v1/tasks/{task}"), json!({"estimate_points": 5, "status": "done"})).await;
    let after = server.get(&path).await;
    let counts =
        |json: &Value| ["tasks", "open_tasks", "done_tasks", "points", "done_points"].map(|name| json[name].as_i64());
    assert_eq!(counts(&after.json()), [Some(2), Some(1), Some(1), Some(5), Some(5)]);
    assert_ne!(before.header("etag"), after.header("etag"));
    let same = send(server.ask(Method::GET, &path).header("If-None-Match", after.header("etag"))).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    let changed = send(
        server.ask(Method::PATCH, &path).header("If-Match", after.header("etag")).json(&json!({"name": "August"})),
    )
    .await;
    assert_eq!((changed.status, counts(&changed.json())), (StatusCode::OK, counts(&after.json())));
    let listed = server.get(&format!("{path}/tasks?sort=number&limit=1")).await.json();
    assert_eq!(
        (&listed["total"], &listed["has_more"], &listed["data"][0]["title"]),
        (&json!(2), &json!(true), &json!("A"))
    );
    let rest = format!("{path}/tasks?sort=number&cursor={}", listed["next_cursor"].as_str().expect("a cursor"));
    assert_eq!(server.get(&rest).await.json()["data"][0]["title"], "B");
    for unknown in [&task, &project] {
        assert_eq!(server.get(&format!("/v1/sprints/{unknown}/tasks")).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_moves_removes_or_keeps_what_is_open_as_asked() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let (next, other) = (server.sprint(&project, "Next").await, server.project("Q").await);
    let foreign = server.sprint(&other, "Foreign").await;
    for (choice, left, moved) in [
        (json!({"open_tasks": "keep"}), 4, 0),
        (json!({"open_tasks": "remove"}), 1, 0),
        (json!({"open_tasks": "move", "move_to": next}), 1, 3),
    ] {
        let sprint = server.sprint(&project, "Now").await;
        let path = format!("/v1/sprints/{sprint}");
        server.post(&format!("{path}/start"), json!({})).await;
        let done = server.in_sprint(&project, &sprint, "done").await;
        server.patch(&format!("/v1/tasks/{done}"), json!({"status": "done"})).await;
        for title in ["a", "b", "c"] {
            let task = server.in_sprint(&project, &sprint, title).await;
            server.patch(&format!("/v1/tasks/{task}"), json!({"estimate_points": 3})).await;
        }
        let closed = server.act(format!("{path}/close"), choice.clone()).await;
        assert_eq!((closed.status, &closed.json()["status"]), (StatusCode::OK, &json!("closed")), "{}", closed.text);
        assert_eq!(closed.json()["tasks"], left, "{choice}");
        assert_eq!(closed.json(), server.get(&path).await.json(), "what was told of it is so: {choice}");
        assert_eq!(server.get(&format!("/v1/sprints/{next}")).await.json()["open_tasks"], moved, "{choice}");
        let late = json!({"project_id": project, "title": "late", "sprint_id": sprint});
        assert_eq!(code(&server.post("/v1/tasks", late).await), refused(409, "sprint-closed", "/sprint_id"));
    }
    let sprint = server.sprint(&project, "Now").await;
    let path = format!("/v1/sprints/{sprint}/close");
    server.post(&format!("/v1/sprints/{sprint}/start"), json!({})).await;
    server.in_sprint(&project, &sprint, "open").await;
    let unknown = "7d444840-9dc0-41d1-b245-5ffdce74fad2";
    for (choice, problem) in [
        (json!({"open_tasks": "move"}), refused(422, "required", "/move_to")),
        (json!({"open_tasks": "keep", "move_to": next}), refused(422, "not-taken", "/move_to")),
        (json!({"open_tasks": "move", "move_to": sprint}), refused(422, "invalid-value", "/move_to")),
        (json!({"open_tasks": "move", "move_to": unknown}), refused(422, "unknown-reference", "/move_to")),
        (json!({"open_tasks": "move", "move_to": foreign}), refused(422, "sprint-of-another-project", "/move_to")),
        (json!({}), refused(422, "required", "/open_tasks")),
    ] {
        assert_eq!(code(&server.act(path.clone(), choice).await), problem);
    }
    assert_eq!(server.get(&format!("/v1/sprints/{sprint}")).await.json()["status"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_open_tasks_move_in_one_commit_and_a_retry_is_recognised() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let sprint = server.sprint(&project, "Now").await;
    server.post(&format!("/v1/sprints/{sprint}/start"), json!({})).await;
    let one = |n: usize| json!({"op": "create", "task": {"project_id": project, "title": format!("{n}"), "sprint_id": sprint}});
    for half in 0..2 {
        let commands: Vec<Value> = (0..500).map(|n| one(half * 500 + n)).collect();
        let made = server.post("/v1/tasks/batch", json!({"commands": commands})).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    }
    let close = || {
        let path = format!("/v1/sprints/{sprint}/close");
        send(server.ask(Method::POST, &path).header("Idempotency-Key", "c1").json(&json!({"open_tasks": "remove"})))
    };
    let closed = close().await;
    assert_eq!((closed.status, &closed.json()["tasks"]), (StatusCode::OK, &json!(0)), "{}", closed.text);
    let again = close().await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (StatusCode::OK, "true"), "{}", again.text);
    assert_eq!(again.json()["closed_at"], closed.json()["closed_at"]);

    let pool = sqlx::PgPool::connect(&server.db.url).await.expect("the database");
    let commits: i64 = sqlx::query_scalar(
        "select count(distinct command) from log.events where event_type in ('sprint.closed', 'task.sprint_set')",
    )
    .fetch_one(&pool)
    .await
    .expect("a count");
    assert_eq!(commits, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_and_activity_know_sprints() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let one = |name: &str| json!({"op": "create", "sprint": {"project_id": project, "name": name}});
    let made = server.post("/v1/sprints/batch", json!({"commands": [one("a"), one("b")]})).await;
    assert_eq!((made.status, made.json()["results"][1]["sprint"]["name"].as_str()), (StatusCode::OK, Some("b")));
    let id = made.json()["results"][0]["sprint"]["id"].as_str().expect("an id").to_owned();
    let commands = json!([{"op": "update", "id": id, "set": {"name": "c"}}, {"op": "delete", "id": id}]);
    assert_eq!(server.post("/v1/sprints/batch", json!({"commands": commands})).await.status, StatusCode::OK);
    let happened = server.get(&format!("/v1/sprints/{id}/activity")).await.json();
    let types: Vec<_> = happened["data"].as_array().expect("a page").iter().map(|one| one["type"].clone()).collect();
    assert_eq!(types, ["sprint.planned", "sprint.renamed", "sprint.deleted"]);
    assert_eq!(server.get(&format!("/v1/tasks/{id}/activity")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_task_slips_into_a_sprint_while_it_is_closed() {
    let server = Server::start().await;
    let project = server.project("P").await;
    for _ in 0..4 {
        let sprint = server.sprint(&project, "Now").await;
        let path = format!("/v1/sprints/{sprint}");
        server.post(&format!("{path}/start"), json!({})).await;
        let create = async |n: usize| {
            let body = json!({"project_id": project, "title": format!("{n}"), "sprint_id": sprint});
            let answer = server.post("/v1/tasks", body).await;
            assert!(
                answer.status == StatusCode::CREATED || answer.json()["code"] == "sprint-closed",
                "{}",
                answer.text
            );
        };
        let creates = futures::future::join_all((0..12).map(create));
        let (_, closed) = tokio::join!(creates, server.act(format!("{path}/close"), json!({"open_tasks": "remove"})));
        assert_eq!(closed.status, StatusCode::OK, "{}", closed.text);
        assert_eq!(server.get(&path).await.json()["tasks"], 0);
    }
}
