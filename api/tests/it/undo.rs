//! Undoing over real servers: what compensates what, what stands in the way, and what would be.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, ask, send};

fn position(answer: &Answer) -> String {
    answer.header("docket-position").to_owned()
}

fn types(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let events = json["events"].as_array().unwrap_or_else(|| panic!("no events: {}", answer.text)).iter();
    events.map(|event| event["type"].as_str().expect("a type").to_owned()).collect()
}

async fn undo(server: &Server, position: &str) -> Answer {
    send(server.ask(Method::POST, &format!("/v1/events/{position}/undo"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_undone_unless_something_stands_in_the_way() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let id = server.task(&project, "T").await;
    let at = format!("/v1/tasks/{id}");
    let done = server.patch(&at, json!({"status": "done"})).await;
    let renamed = server.patch(&at, json!({"title": "U"})).await;

    // What came after concerns something else.
    let undone = undo(&server, &position(&done)).await;
    assert_eq!(
        (undone.status, types(&undone)),
        (StatusCode::OK, vec!["task.status_changed".to_owned()]),
        "{}",
        undone.text
    );
    let now = server.get(&at).await.json();
    assert_eq!((&now["status"], &now["title"], &now["completed_at"]), (&json!("todo"), &json!("U"), &Value::Null));
    assert_eq!(undone.json()["undone"].as_array().expect("positions").len(), 1);

    // What was undone once stands in its own way; and a later title in that of an earlier one.
    let again = undo(&server, &position(&done)).await;
    assert_eq!((again.status, &again.json()["code"]), (StatusCode::CONFLICT, &json!("in-the-way")), "{}", again.text);
    let later = server.patch(&at, json!({"title": "V"})).await;
    let refused = undo(&server, &position(&renamed)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let number: i64 = position(&later).split_once('-').expect("a position").1.parse().expect("a number");
    let refused = refused.json();
    let way = &refused["in_the_way"][0];
    assert_eq!((&way["position"], &way["type"]), (&json!(number), &json!("task.retitled")), "{refused}");
    assert_eq!((&way["kind"], &way["resource_id"], &way["why"]), (&json!("task"), &json!(id), &json!("later")));
    assert!(way["recorded_at"].is_string() && way["actor"]["id"].is_string() && way["version"].is_number(), "{way}");
    assert_eq!(refused["more"], 0);
    assert_eq!(server.get(&at).await.json()["title"], "V");

    // An undo is an event like any other.
    assert_eq!(undo(&server, &position(&undone)).await.status, StatusCode::OK);
    assert_eq!(server.get(&at).await.json()["status"], "done");

    // Deleting and restoring.
    let gone = server.delete(&at).await;
    assert_eq!(undo(&server, &position(&later)).await.status, StatusCode::CONFLICT);
    assert_eq!(types(&undo(&server, &position(&gone)).await), ["task.restored"]);
    assert_eq!(server.get(&at).await.status, StatusCode::OK);

    for (position, status) in [("999999", 404), ("0", 404), ("x", 404), ("999-1", 404)] {
        assert_eq!(undo(&server, position).await.status, status, "{position}");
    }
    let other = server.another_workspace().await;
    let path = format!("/v1/events/{}/undo", position(&later).split_once('-').expect("a position").1);
    let foreign = send(ask(&server.url, &other.keys[0].token, Method::POST, &path)).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_can_be_repeated_with_its_key() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let renamed = server.patch(&format!("/v1/projects/{project}"), json!({"name": "Q"})).await;
    let path = format!("/v1/events/{}/undo", position(&renamed));
    let send_it = || send(server.ask(Method::POST, &path).header("Idempotency-Key", "undo-1"));
    let first = send_it().await;
    let second = send_it().await;
    assert_eq!((first.status, second.status), (StatusCode::OK, StatusCode::OK), "{}", second.text);
    assert_eq!((second.header("idempotency-replayed"), second.json()), ("true", first.json()));
    assert_eq!(server.get(&format!("/v1/projects/{project}")).await.json()["name"], "P");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_leaked_key_did_is_undone_in_one_commit() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let task = server.task(&project, "T").await;
    let gone = server.task(&project, "Gone").await;
    let body = json!({"label": "leaked", "scopes": ["admin"], "service_role": "owner"});
    let minted = server.post("/v1/keys", body).await.json();
    let (key, token) = (minted["id"].as_str().expect("an id"), minted["token"].as_str().expect("a token"));
    let with_key = |method: Method, path: &str| ask(&server.url, token, method, path);
    let early = send(with_key(Method::PATCH, &format!("/v1/tasks/{task}")).json(&json!({"priority": "low"}))).await;
    let since = position(&early).split_once('-').expect("a position").1.parse::<i64>().expect("a number") + 1;
    send(with_key(Method::PATCH, &format!("/v1/tasks/{task}")).json(&json!({"title": "Hacked", "status": "done"})))
        .await;
    send(with_key(Method::DELETE, &format!("/v1/tasks/{gone}"))).await;
    let made = send(with_key(Method::POST, "/v1/projects").json(&json!({"name": "Evil"}))).await;
    let evil = made.json()["id"].as_str().expect("an id").to_owned();
    send(with_key(Method::POST, "/v1/tasks").json(&json!({"project_id": evil, "title": "Spam"}))).await;
    send(with_key(Method::POST, "/v1/keys").json(&json!({"label": "back door", "scopes": ["admin"]}))).await;

    let path = format!("/v1/keys/{key}/undo?since={since}");
    let dry = send(server.ask(Method::POST, &format!("{path}&dry_run=true"))).await;
    assert_eq!((dry.status, &dry.json()["dry_run"]), (StatusCode::OK, &json!(true)), "{}", dry.text);
    assert_eq!(server.get(&format!("/v1/tasks/{task}")).await.json()["title"], "Hacked");
    let undone = send(server.ask(Method::POST, &path)).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    assert_eq!(types(&undone), types(&dry));
    let now = server.get(&format!("/v1/tasks/{task}")).await.json();
    assert_eq!((&now["title"], &now["status"], &now["priority"]), (&json!("T"), &json!("todo"), &json!("low")));
    assert_eq!(server.get(&format!("/v1/tasks/{gone}")).await.status, StatusCode::OK);
    assert_eq!(server.get(&format!("/v1/projects/{evil}")).await.status, StatusCode::NOT_FOUND);
    let keys = server.get("/v1/keys?label=back%20door").await.json();
    assert!(keys["data"][0]["revoked_at"].is_string(), "{keys}");

    // All or nothing: what somebody else has done since stays.
    let changed = send(with_key(Method::PATCH, &format!("/v1/tasks/{task}")).json(&json!({"title": "X"}))).await;
    send(with_key(Method::PATCH, &format!("/v1/tasks/{gone}")).json(&json!({"title": "Y"}))).await;
    server.patch(&format!("/v1/tasks/{task}"), json!({"title": "Mine"})).await;
    let path = format!("/v1/keys/{key}/undo?since={}", position(&changed));
    assert_eq!(send(server.ask(Method::POST, &path)).await.status, StatusCode::CONFLICT);
    assert_eq!(server.get(&format!("/v1/tasks/{gone}")).await.json()["title"], "Y");
    let unknown = "/v1/keys/7d444840-9dc0-41d1-b245-5ffdce74fad2/undo?since=1";
    assert_eq!(send(server.ask(Method::POST, unknown)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_things_are_undone_in_one_commit() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let kept = server.task(&project, "Kept").await;
    let body = json!({"label": "leaked", "scopes": ["tasks:write"], "service_role": "member"});
    let minted = server.post("/v1/keys", body).await.json();
    let (key, token) = (minted["id"].as_str().expect("an id"), minted["token"].as_str().expect("a token"));
    let one = json!({"op": "create", "task": {"project_id": project, "title": "Spam"}});
    for _ in 0..7 {
        let batch = json!({"commands": vec![one.clone(); 350]});
        let made = send(ask(&server.url, token, Method::POST, "/v1/tasks/batch").json(&batch)).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    }
    let undone = send(server.ask(Method::POST, &format!("/v1/keys/{key}/undo"))).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    let undone = undone.json();
    let events = undone["events"].as_array().expect("events");
    assert_eq!((undone["undone"].as_array().map(Vec::len), events.len()), (Some(2_450), 2_450));
    assert!(events.iter().all(|event| event["command_id"] == events[0]["command_id"]), "one commit");
    let left = server.get("/v1/tasks").await.json();
    assert_eq!((&left["total"], &left["data"][0]["id"]), (&json!(1), &json!(kept)));
}

#[tokio::test(flavor = "multi_thread")]
async fn power_is_given_back_by_owners_only() {
    let server = Server::start().await;
    let (_, admin) = server.member("ada", "admin").await;
    let (id, _) = server.member("bob", "member").await;
    let raised = server.patch(&format!("/v1/members/{id}"), json!({"role": "owner"})).await;
    let path = format!("/v1/events/{}/undo", position(&raised));
    let refused = send(ask(&server.url, &admin, Method::POST, &path)).await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::FORBIDDEN, &json!("role-too-low")));
    let undone = send(server.ask(Method::POST, &path)).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    assert_eq!(server.get(&format!("/v1/members/{id}")).await.json()["role"], "member");
    let owners = server.get("/v1/workspace").await.json()["owner_ids"].clone();
    assert_eq!(owners.as_array().map(Vec::len), Some(1), "{owners}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_the_events_and_stores_nothing() {
    let server = Server::start().await;
    let project = server.project("P").await;
    let id = server.task(&project, "T").await;
    let at = format!("/v1/tasks/{id}");
    let before = server.get("/v1/audit?limit=1").await.json()["data"][0]["position"].clone();
    let dry = server.patch(&format!("{at}?dry_run=true"), json!({"status": "done", "title": "U"})).await;
    assert_eq!(types(&dry), ["task.retitled", "task.status_changed"]);
    assert_eq!(dry.json()["events"][1]["data"]["status"], "done");
    let dry = server.post("/v1/projects?dry_run=true", json!({"name": "Q"})).await;
    assert_eq!((dry.status, types(&dry)), (StatusCode::OK, vec!["project.created".to_owned()]));
    let dry = server.post("/v1/keys?dry_run=true", json!({"label": "L", "scopes": ["tasks:read"]})).await;
    assert!(types(&dry).contains(&"api_key.minted".to_owned()) && !dry.text.contains("sha256"), "{}", dry.text);
    assert_eq!(types(&server.delete(&format!("{at}?dry_run=true")).await), ["task.deleted"]);
    let one = json!({"op": "create", "task": {"project_id": project, "title": "T"}});
    let dry = server.post("/v1/tasks/batch?dry_run=true", json!({"commands": vec![one; 3]})).await;
    assert_eq!(types(&dry).len(), 3, "{}", dry.text);
    assert_eq!(types(&server.patch(&format!("{at}?dry_run=true"), json!({"title": "T"})).await), [""; 0]);

    // What would be refused is refused, whoever would have found out.
    let label = json!({"name": "L"});
    server.made("/v1/labels", label.clone()).await;
    let taken = server.post("/v1/labels?dry_run=true", label).await;
    assert_eq!(
        (taken.status, &taken.json()["code"]),
        (StatusCode::CONFLICT, &json!("already-taken")),
        "{}",
        taken.text
    );
    let unknown = json!({"assignee_ids": ["7d444840-9dc0-41d1-b245-5ffdce74fad2"]});
    let refused = server.patch(&format!("{at}?dry_run=true"), unknown).await;
    assert_eq!(refused.json()["code"], "unknown-reference", "{}", refused.text);
    let stale = send(server.ask(Method::DELETE, &format!("{at}?dry_run=true")).header("If-Match", "\"7\"")).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(server.patch(&format!("{at}?dry_run=1"), json!({})).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(server.get(&format!("{at}?dry_run=true")).await.status, StatusCode::BAD_REQUEST);

    let after = server.get("/v1/audit?type[not]=label.created&limit=1").await.json()["data"][0]["position"].clone();
    assert_eq!(after, before);
    assert_eq!(server.get(&at).await.json()["title"], "T");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_to_a_webhook_is_undone_but_for_its_secrets() {
    let server = Server::start().await;
    let body = json!({"name": "Hook", "url": "https://example.org/hook", "event_types": ["task.*"]});
    let made = server.post("/v1/webhooks", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let at = format!("/v1/webhooks/{}", made.json()["id"].as_str().expect("an id"));
    let changed = server.patch(&at, json!({"name": "Other", "paused": true, "event_types": []})).await;
    assert_eq!(types(&undo(&server, &position(&changed)).await), ["webhook.changed"]);
    let now = server.get(&at).await.json();
    for field in ["name", "url", "event_types", "paused"] {
        assert_eq!(now[field], made.json()[field], "{field}");
    }

    let rotated = server.post(&format!("{at}/rotate"), json!({})).await;
    assert_eq!(rotated.status, StatusCode::OK, "{}", rotated.text);
    let refused = undo(&server, &position(&rotated)).await;
    assert_eq!((refused.status, &refused.json()["in_the_way"][0]["why"]), (StatusCode::CONFLICT, &json!("lasting")));
    assert_eq!(server.get(&format!("{at}/secrets")).await.json(), rotated.json());

    let gone = server.delete(&at).await;
    assert_eq!(types(&undo(&server, &position(&gone)).await), ["webhook.restored"]);
    let another = server.post("/v1/webhooks", json!({"name": "Brief", "url": "https://example.org/b"})).await;
    assert_eq!(types(&undo(&server, &position(&another)).await), ["webhook.deleted"]);
    let listed = server.get("/v1/webhooks").await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1), "{listed}");
    let history = server.get(&format!("{at}/history")).await;
    assert_eq!((history.status, &history.json()["total"]), (StatusCode::OK, &json!(6)), "{}", history.text);
}
