//! The conventions that all of the native API keeps.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, ask, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_visible_in_the_next_read_on_every_node() {
    let server = Server::start().await;
    let (other, _stop) = server.another_node().await;
    let project = server.project("P").await;
    for n in 1..=20 {
        let id = server.task(&project, &format!("Task {n}")).await;
        let path = format!("/v1/tasks?project_id={project}");
        for url in [&server.url, &other] {
            let page = send(ask(url, server.key(), Method::GET, &path)).await.json();
            assert_eq!(page["total"], n);
            assert_eq!(page["data"][0]["id"], id.as_str());
        }
        let patched = server.patch(&format!("/v1/tasks/{id}"), json!({"status": "done"})).await;
        assert_eq!(patched.status, StatusCode::OK);
        let read = send(ask(&other, server.key(), Method::GET, &format!("/v1/tasks/{id}"))).await;
        assert_eq!(read.json(), patched.json());
        assert_eq!(read.header("etag"), patched.header("etag"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_write_answers_is_what_a_read_answers() {
    let server = Server::start().await;
    let created = server.post("/v1/projects", json!({"name": "P", "description": "# Why"})).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let read = server.get(created.header("location")).await;
    assert_eq!(created.json(), read.json());
    assert_eq!(read.json()["number"], 1);
    assert_eq!(read.json()["open_tasks"], 0);
    let number = read.json()["project_number"].as_str().expect("a number").to_owned();
    assert!(number.ends_with("-0001") && number.len() == 9, "{number}");
    let body = json!({"project_id": read.json()["id"], "title": "T", "priority": "high", "due_date": "2030-02-28"});
    let task = server.post("/v1/tasks", body).await;
    assert_eq!(task.json(), server.get(task.header("location")).await.json());
    assert_eq!(server.get(created.header("location")).await.json()["open_tasks"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_with_an_idempotency_key_have_one_effect_and_one_answer() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let body = json!({"project_id": project, "title": "Once"});
    let create = || server.ask(Method::POST, "/v1/tasks").header("Idempotency-Key", "k1").json(&body);
    let first = send(create()).await;
    assert_eq!(first.status, StatusCode::CREATED);
    let id = first.json()["id"].as_str().expect("an id").to_owned();
    server.patch(&format!("/v1/tasks/{id}"), json!({"title": "Changed since"})).await;
    let again = send(create()).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(server.get("/v1/tasks").await.json()["total"], 1);
    let other = json!({"project_id": project, "title": "Another"});
    let misused = send(server.ask(Method::POST, "/v1/tasks").header("Idempotency-Key", "k1").json(&other)).await;
    assert_eq!(misused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(misused.json()["code"], "idempotency-key-reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn preconditions_protect_against_lost_updates() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let id = server.task(&project, "T").await;
    let path = format!("/v1/tasks/{id}");
    let patch = |etag: &str, title: &str| {
        send(server.ask(Method::PATCH, &path).header("If-Match", etag).json(&json!({"title": title})))
    };
    assert_eq!(patch("\"1\"", "A").await.status, StatusCode::OK);
    assert_eq!(patch("\"1\"", "B").await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(patch("W/\"2\"", "B").await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(patch("nonsense", "B").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(patch("*", "B").await.status, StatusCode::OK);
    let unchanged = send(server.ask(Method::GET, &path).header("If-None-Match", "\"3\"")).await;
    assert_eq!((unchanged.status, unchanged.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let same = server.patch(&path, json!({"title": "B"})).await;
    assert_eq!((same.status, same.header("etag")), (StatusCode::OK, "\"3\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_resource_answers_like_an_unknown_one() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let id = server.task(&project, "T").await;
    let other = server.another_workspace().await;
    let key = &other.keys[0].token;
    let unknown = "7d444840-9dc0-41d1-b245-5ffdce74fad2";
    let without_id = |mut problem: Value| {
        problem.as_object_mut().expect("a problem").remove("request_id");
        problem
    };
    for (method, suffix) in
        [(Method::GET, ""), (Method::DELETE, ""), (Method::POST, "/restore"), (Method::GET, "/activity")]
    {
        let foreign = send(ask(&server.url, key, method.clone(), &format!("/v1/tasks/{id}{suffix}"))).await;
        let absent = send(ask(&server.url, key, method, &format!("/v1/tasks/{unknown}{suffix}"))).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND);
        assert_eq!(without_id(foreign.json()), without_id(absent.json()));
    }
    let create = async |project: &str| {
        let body = json!({"project_id": project, "title": "T"});
        without_id(send(ask(&server.url, key, Method::POST, "/v1/tasks").json(&body)).await.json())
    };
    assert_eq!(create(&project).await, create(unknown).await);
    assert_eq!(create(&project).await["errors"][0]["pointer"], "/project_id");
    assert_eq!(send(ask(&server.url, key, Method::GET, "/v1/tasks")).await.json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_refused_at_once_on_every_node() {
    let server = Server::start().await;
    let (other, _stop) = server.another_node().await;
    let minted =
        server.post("/v1/keys", json!({"label": "ci", "scopes": ["tasks:read", "projects:write"]})).await.json();
    let (id, token) = (minted["id"].as_str().expect("an id"), minted["token"].as_str().expect("a token"));
    for url in [&server.url, &other] {
        assert_eq!(send(ask(url, token, Method::GET, "/v1/tasks")).await.status, StatusCode::OK);
        assert_eq!(send(ask(url, token, Method::GET, "/v1/projects")).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(server.delete(&format!("/v1/keys/{id}")).await.status, StatusCode::NO_CONTENT);
    for url in [&server.url, &other] {
        assert_eq!(send(ask(url, token, Method::GET, "/v1/tasks")).await.status, StatusCode::UNAUTHORIZED);
        let write = ask(url, token, Method::POST, "/v1/projects").json(&json!({"name": "X"}));
        assert_eq!(send(write).await.status, StatusCode::UNAUTHORIZED);
    }
    assert!(!server.get("/v1/keys").await.text.contains("sha256"));
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_atomic_or_per_item() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let good = json!({"op": "create", "task": {"project_id": project, "title": "Good"}});
    let bad = json!({"op": "create", "task": {"project_id": project, "title": "Bad", "label_ids": [project]}});
    let commands = json!([good, bad, good]);
    let refused = server.post("/v1/tasks/batch", json!({"commands": commands})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["errors"][0]["pointer"], "/commands/1/task/label_ids/0");
    assert_eq!(server.get("/v1/tasks").await.json()["total"], 0);
    let done = server.post("/v1/tasks/batch", json!({"mode": "per_item", "commands": commands})).await.json();
    let statuses: Vec<_> =
        done["results"].as_array().expect("results").iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, [201, 422, 201]);
    assert_eq!(server.get("/v1/tasks").await.json()["total"], 2);
    let id = done["results"][0]["task"]["id"].clone();
    let commands = json!([
        {"op": "update", "id": id, "set": {"status": "done"}},
        {"op": "update", "id": id, "if_version": 2, "set": {"priority": "high"}},
        {"op": "delete", "id": id},
        {"op": "restore", "id": id},
    ]);
    let done = server.post("/v1/tasks/batch", json!({"commands": commands})).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(done.json()["results"][3]["task"]["version"], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_cannot_be_read_is_refused_alone_per_item() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let create = |more: Value| {
        let mut task = json!({"project_id": project, "title": "T"});
        task.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!({"op": "create", "task": task})
    };
    let refused = [
        (create(json!({"title": ""})), 422, "blank", "/task/title"),
        (create(json!({"due_date": "2026-02-30"})), 422, "invalid-date", "/task/due_date"),
        (create(json!({"colour": "red"})), 422, "unknown-field", "/task/colour"),
        (create(json!({"label_ids": {}})), 422, "wrong-type", "/task/label_ids"),
        (
            create(json!({"start_date": "2026-03-02", "due_date": "2026-03-01"})),
            422,
            "due-before-start",
            "/task/due_date",
        ),
        (json!("create"), 422, "wrong-type", ""),
        (json!({"op": "create"}), 422, "required", "/task"),
        (json!({"op": "explode"}), 422, "invalid-value", "/op"),
        (json!({"op": "delete", "id": project, "if_version": "1"}), 422, "wrong-type", "/if_version"),
    ];
    let mut commands: Vec<Value> = refused.iter().map(|(command, ..)| command.clone()).collect();
    commands.insert(0, create(json!({})));
    commands.push(create(json!({"title": "Last"})));
    let body = json!({"mode": "per_item", "commands": commands});
    let done = server.post("/v1/tasks/batch", body.clone()).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let results = done.json()["results"].as_array().expect("results").clone();
    assert_eq!((results.len(), &results[0]["status"], &results[10]["status"]), (11, &json!(201), &json!(201)));
    for (index, (command, status, code, pointer)) in (1..).zip(&refused) {
        let problem = &results[index]["problem"];
        let said = (&results[index]["status"], &problem["code"], &problem["errors"][0]["pointer"]);
        let place = json!(format!("/commands/{index}{pointer}"));
        assert_eq!(said, (&json!(status), &json!(code), &place), "{command} {problem}");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(pointer.is_empty() || detail.starts_with(&format!("/commands/{index}{pointer}: ")), "{problem}");
    }
    assert_eq!(server.get("/v1/tasks").await.json()["total"], 2);
    // All or none is all or none.
    let atomic = server.post("/v1/tasks/batch", json!({"commands": body["commands"]})).await;
    assert_eq!(atomic.json()["errors"][0]["pointer"], "/commands/1/task/title", "{}", atomic.text);
    assert_eq!(server.get("/v1/tasks").await.json()["total"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_key_may_not_do_is_refused_alone_per_item_and_repeated_by_the_same_key_only() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let task = server.task(&project, "Old").await;
    let key = async |scopes: Value| {
        let minted = server.post("/v1/keys", json!({"label": "ci", "scopes": scopes})).await.json();
        minted["token"].as_str().expect("a token").to_owned()
    };
    let (all, weak) =
        (key(json!(["tasks:read", "tasks:write", "tasks:delete"])).await, key(json!(["tasks:write"])).await);
    let new = json!({"op": "create", "task": {"project_id": project, "title": "New"}});
    let body = json!({"mode": "per_item", "commands": [{"op": "delete", "id": task}, new]});
    let ask = async |key: &str| {
        let request =
            ask(&server.url, key, Method::POST, "/v1/tasks/batch").header("idempotency-key", "once").json(&body);
        send(request).await
    };
    let done = ask(&weak).await;
    let results = done.json()["results"].clone();
    assert_eq!((&results[0]["status"], &results[0]["problem"]["code"]), (&json!(403), &json!("missing-scope")));
    assert_eq!(results[1]["status"], 201, "{}", done.text);
    let again = ask(&weak).await;
    assert_eq!((again.status, &again.json()["results"][1]), (StatusCode::OK, &results[1]));
    let other = ask(&all).await;
    assert_eq!(other.json()["code"], "idempotency-key-reused", "{}", other.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_has_to_be_said_no_body_is_needed() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let sprint = server.made("/v1/sprints", json!({"project_id": project, "name": "S"})).await;
    let task = server.task(&project, "T").await;
    let started = server.post("/v1/timelogs/start", json!({"task_id": task})).await;
    assert_eq!(started.status, StatusCode::CREATED, "{}", started.text);
    for path in
        ["/v1/timelogs/stop".to_owned(), format!("/v1/sprints/{sprint}/start"), "/v1/notifications/read-all".to_owned()]
    {
        let done = send(server.ask(Method::POST, &path)).await;
        assert!(done.status.is_success(), "{path} {}", done.text);
    }
    // Where something has to be said, saying nothing is as before.
    let refused = send(server.ask(Method::POST, "/v1/tasks")).await;
    assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_parameters_and_fields_are_named() {
    let server = Server::start().await;
    let asked = server.get("/v1/tasks?colour=red").await;
    assert_eq!((asked.status, asked.json()["code"].as_str()), (StatusCode::BAD_REQUEST, Some("unknown-parameter")));
    assert!(asked.text.contains("assignee_id"), "{}", asked.text);
    for path in [
        "/v1/tasks?limit=0",
        "/v1/tasks?limit=201",
        "/v1/tasks?sort=secret",
        "/v1/tasks?status=open",
        "/v1/tasks?cursor=AAAA",
    ] {
        assert_eq!(server.get(path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    let sent = server.post("/v1/projects", json!({"name": "P", "id": "7d444840-9dc0-41d1-b245-5ffdce74fad2"})).await;
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sent.json()["errors"][0]["pointer"], "/id");
    let sent = server.post("/v1/projects", json!({"name": "a\u{0}b"})).await;
    assert_eq!(
        (sent.status, sent.json()["code"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("nul-not-allowed"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_has_exactly_one_rule() {
    let document = docket_api::router::document().to_json().expect("a document");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in ["get", "post", "patch", "delete", "put"] {
            if item[method].is_object() && path.starts_with("/v1/") {
                operations.push((method.to_owned(), path.clone()));
                assert!(item[method]["security"][0]["key"].is_array(), "{method} {path} states no scopes");
            }
        }
    }
    let mut rules: Vec<_> = docket_api::auth::access::RULES
        .iter()
        .map(|rule| (rule.method.lower().to_owned(), rule.path.to_owned()))
        .collect();
    operations.sort();
    rules.sort();
    assert_eq!(operations, rules);
}
