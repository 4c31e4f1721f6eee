//! Notifications over a whole server: everybody gets their own, and nobody else's.

use docket_api::config::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, ask, send};

const SCOPES: [&str; 2] = ["notifications:read", "notifications:write"];

/// A server on which nobody is told anything but by the test.
async fn quiet() -> Server {
    Server::start_with(|config| config.roles = vec![Role::Api, Role::Projector]).await
}

/// A member with a key: their id and the token.
async fn member(server: &Server, name: &str, role: &str) -> (String, String) {
    let invited = json!({"email": format!("{name}@example.com"), "name": name, "role": role});
    let id = server.made("/v1/members", invited).await;
    let minted = server.post("/v1/keys", json!({"label": name, "member_id": id, "scopes": SCOPES})).await.json();
    (id, minted["token"].as_str().expect("a token").to_owned())
}

async fn get(server: &Server, key: &str, path: &str) -> Value {
    send(ask(&server.url, key, Method::GET, path)).await.json()
}

fn titles(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("data").iter().map(|one| one["title"].as_str().expect("a title")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_recipient_gets_one_of_their_own() {
    let server = quiet().await;
    let project = server.project("Website").await;
    let task = server.task(&project, "Login").await;
    let (ada, adas_key) = member(&server, "ada", "viewer").await;
    let (grace, graces_key) = member(&server, "grace", "member").await;
    let body = json!({
        "recipient_ids": [ada, grace], "title": "Version 2 is live", "body": "<script>", "kind": "deploy",
        "link": "https://example.org/2", "subject": {"type": "task", "id": task},
    });
    let sent = server.post("/v1/notifications", body).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    let position = sent.header("docket-position").to_owned();
    let mine =
        send(ask(&server.url, &adas_key, Method::GET, "/v1/notifications").header("Docket-Min-Position", position));
    let mine = mine.await.json();
    assert_eq!((&mine["total"], &mine["data"][0]), (&json!(1), &sent.json()["data"][0]));
    assert_eq!((&mine["data"][0]["member_id"], &mine["data"][0]["read_at"]), (&json!(ada), &Value::Null));
    assert_eq!(mine["data"][0]["subject"], json!({"type": "task", "id": task}));
    assert_eq!(get(&server, &graces_key, "/v1/notifications").await["data"][0], sent.json()["data"][1]);
    assert_eq!(server.get("/v1/notifications").await.json()["total"], 0);

    let to_self = server.post("/v1/notifications", json!({"title": "Note to self"})).await.json();
    assert_eq!(to_self["data"][0]["member_id"], json!(server.workspace.owner_id));
    assert_eq!(to_self["data"][0]["kind"], "message");
    let refused =
        send(ask(&server.url, &adas_key, Method::POST, "/v1/notifications").json(&json!({"title": "T"}))).await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::FORBIDDEN, &json!("role-too-low")));
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_read_unread_and_deleted_by_their_member_alone() {
    let server = quiet().await;
    let (grace, key) = member(&server, "grace", "viewer").await;
    for n in 1..=5 {
        server.post("/v1/notifications", json!({"recipient_ids": [grace], "title": format!("{n}")})).await;
    }
    // What one key has written, another sees for sure once the first has read.
    server.get("/v1/notifications").await;
    let page = get(&server, &key, "/v1/notifications").await;
    assert_eq!(titles(&page), ["5", "4", "3", "2", "1"]);
    let path = format!("/v1/notifications/{}", page["data"][1]["id"].as_str().expect("an id"));
    for (method, suffix) in
        [(Method::GET, ""), (Method::DELETE, ""), (Method::POST, "/read"), (Method::POST, "/unread")]
    {
        let foreign = send(server.ask(method.clone(), &format!("{path}{suffix}"))).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{method} {suffix}");
    }
    let mine = |method: Method, path: String| send(ask(&server.url, &key, method, &path));
    let counts = async || get(&server, &key, "/v1/notifications/counts").await;
    assert_eq!(counts().await, json!({"total": 5, "unread": 5}));
    let read = mine(Method::POST, format!("{path}/read")).await;
    assert!(read.json()["read_at"].is_string(), "{}", read.text);
    assert_eq!(mine(Method::POST, format!("{path}/read")).await.json(), read.json());
    assert_eq!(mine(Method::GET, path.clone()).await.json(), read.json());
    assert_eq!(counts().await, json!({"total": 5, "unread": 4}));
    let unread = get(&server, &key, "/v1/notifications?unread=true&limit=2").await;
    assert_eq!((titles(&unread), &unread["total"]), (vec!["5", "3"], &json!(4)));
    assert_eq!(titles(&get(&server, &key, "/v1/notifications?unread=false").await), ["4"]);
    let unread = mine(Method::POST, format!("{path}/unread")).await;
    assert_eq!(unread.json()["read_at"], Value::Null);
    assert_eq!(mine(Method::DELETE, path.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(mine(Method::GET, path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(counts().await, json!({"total": 4, "unread": 4}));

    let read_all =
        || send(ask(&server.url, &key, Method::POST, "/v1/notifications/read-all").header("Idempotency-Key", "all"));
    assert_eq!(read_all().await.status, StatusCode::NO_CONTENT);
    assert_eq!(counts().await, json!({"total": 4, "unread": 0}));
    server.post("/v1/notifications", json!({"recipient_ids": [grace], "title": "6"})).await;
    server.get("/v1/notifications").await;
    assert_eq!(read_all().await.header("idempotency-replayed"), "true");
    assert_eq!(counts().await, json!({"total": 5, "unread": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_sent_marked_and_deleted_in_one_commit() {
    let server = quiet().await;
    let (ada, key) = member(&server, "ada", "viewer").await;
    let (batch, tell) = (
        "/v1/notifications/batch",
        |to: Value, title: &str| json!({"op": "create", "notification": {"recipient_ids": to, "title": title}}),
    );
    let commands = json!({"commands": [tell(json!([ada]), "1"), tell(json!([ada]), "2"), tell(json!([ada]), "3")]});
    let sent = server.post(batch, commands).await.json();
    let id = |n: usize| sent["results"][n]["notification"]["id"].clone();
    server.get("/v1/notifications").await;
    let mark = |id: Value, read: bool| json!({"op": "update", "id": id, "set": {"read": read}});
    let mine = async |body: Value| send(ask(&server.url, &key, Method::POST, batch).json(&body)).await;
    let commands =
        json!({"commands": [mark(id(0), true), mark(id(1), true), mark(id(1), false), {"op": "delete", "id": id(2)}]});
    let done = mine(commands).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let counts = json!({"total": 2, "unread": 1});
    assert_eq!(get(&server, &key, "/v1/notifications/counts").await, counts);

    let refused = mine(json!({"commands": [mark(id(1), true), tell(json!([ada]), "4")]})).await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::FORBIDDEN, &json!("role-too-low")));
    let foreign = server.post(batch, json!({"commands": [mark(id(1), true)]})).await;
    assert_eq!(foreign.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", foreign.text);
    let two = server.post(batch, json!({"commands": [tell(json!([ada, server.workspace.owner_id]), "5")]})).await;
    assert_eq!(two.json()["errors"][0]["pointer"], "/commands/0/notification/recipient_ids", "{}", two.text);
    assert_eq!(get(&server, &key, "/v1/notifications/counts").await, counts);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_refused_naming_the_field() {
    let server = quiet().await;
    let me = server.workspace.owner_id;
    let other = server.another_workspace().await;
    let gone = server.project("Gone").await;
    let hidden = server.task(&gone, "Hidden").await;
    server.delete(&format!("/v1/projects/{gone}")).await;
    for (body, code, pointer) in [
        (json!({}), "required", "/title"),
        (json!({"title": "T", "recipient_ids": []}), "out-of-range", "/recipient_ids"),
        (json!({"title": "T", "recipient_ids": [me, other.owner_id]}), "unknown-reference", "/recipient_ids/1"),
        (json!({"title": "T", "recipient_ids": [me, me]}), "duplicate-value", "/recipient_ids/1"),
        (json!({"title": "T", "link": "javascript:alert(1)"}), "not-a-link", "/link"),
        (json!({"title": "T", "kind": "A B"}), "not-a-kind", "/kind"),
        (json!({"title": "T", "subject": {"type": "task", "id": me}}), "unknown-reference", "/subject/id"),
        (json!({"title": "T", "subject": {"type": "task", "id": hidden}}), "unknown-reference", "/subject/id"),
        (json!({"title": "T", "subject": {"type": "project", "id": gone}}), "unknown-reference", "/subject/id"),
        (json!({"title": "T", "subject": {"type": "key", "id": me}}), "invalid-value", "/subject/type"),
        (json!({"title": "T", "read_at": null}), "unknown-field", "/read_at"),
    ] {
        let refused = server.post("/v1/notifications", body.clone()).await;
        let problem = refused.json();
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body} {}", refused.text);
        assert_eq!((&problem["code"], &problem["errors"][0]["pointer"]), (&json!(code), &json!(pointer)), "{body}");
    }
    let minted = json!({"label": "s", "service_role": "member", "scopes": SCOPES});
    let service = server.post("/v1/keys", minted).await.json()["token"].as_str().expect("a token").to_owned();
    let list = send(ask(&server.url, &service, Method::GET, "/v1/notifications")).await;
    assert_eq!((list.status, &list.json()["code"]), (StatusCode::FORBIDDEN, &json!("no-member")));
    let sent = json!({"title": "From a service", "recipient_ids": [me]});
    let sent = send(ask(&server.url, &service, Method::POST, "/v1/notifications").json(&sent)).await;
    assert_eq!(sent.status, StatusCode::CREATED);
    let unsaid = send(ask(&server.url, &service, Method::POST, "/v1/notifications").json(&json!({"title": "T"}))).await;
    assert_eq!(unsaid.json()["errors"][0]["pointer"], "/recipient_ids");
}
