//! Events told to those outside: the feed of changes and server-sent events.

mod hostile;
pub mod listen;
mod replica;
mod silence;
mod welcome;

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, ask, send};
use crate::telling::told;
use listen::{Listener, connect};

const EVENTS: &str = "/v1/events/stream";
const NOTIFICATIONS: &str = "/v1/notifications/stream";

async fn changes(server: &Server, key: &str, query: &str) -> Value {
    let answer = send(ask(&server.url, key, Method::GET, &format!("/v1/changes?{query}"))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().expect("a type")).collect()
}

fn data(page: &Value) -> &[Value] {
    page["data"].as_array().expect("data")
}

/// Everything, page by page.
async fn everything(server: &Server, query: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), "0".to_owned());
    loop {
        let page = changes(server, server.key(), &format!("after={after}&{query}")).await;
        all.extend(data(&page).to_vec());
        page["position"].as_str().expect("a position").clone_into(&mut after);
        if page["has_more"] == false {
            return all;
        }
    }
}

/// Waits until the notary knows of all that has happened.
async fn witnessed(server: &Server) {
    let pool = sqlx::PgPool::connect(&server.db.url).await.expect("the database");
    let sql = "select count(*) from log.heads h left join audit.witnessed w using (partition) \
               where h.position > coalesce(w.position, 0)";
    while sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.expect("a count") > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_has_every_change_of_every_kind_from_the_first_on() {
    let server = Server::start().await;
    let other = server.another_workspace().await;
    let project = server.project("Website").await;
    let task = server.task(&project, "Login").await;
    server.patch(&format!("/v1/tasks/{task}"), json!({"title": "Sign in", "status": "done"})).await;
    server.post(&format!("/v1/tasks/{task}/comments"), json!({"body": "Done"})).await;
    server.made("/v1/labels", json!({"name": "Bug"})).await;
    server.delete(&format!("/v1/tasks/{task}")).await;

    // At the end of the log, and when the tiles know where everything is.
    let fresh = everything(&server, "limit=3").await;
    witnessed(&server).await;
    for query in ["limit=1", "limit=2", "limit=1000"] {
        assert_eq!(everything(&server, query).await, fresh, "{query}");
    }
    let kinds = types(&fresh);
    for one in ["workspace.created", "member.invited", "api_key.minted", "project.created", "comment.created"] {
        assert!(kinds.contains(&one), "{one}: {kinds:?}");
    }
    assert!(!kinds.iter().any(|kind| kind.starts_with("key_ring.")), "{kinds:?}");
    let of_task: Vec<_> = fresh.iter().filter(|event| event["partitionkey"] == task).cloned().collect();
    assert_eq!(types(&of_task), ["task.created", "task.retitled", "task.status_changed", "task.deleted"]);
    assert_eq!(everything(&server, "kinds=task").await, of_task);
    let retitled = &of_task[1]["data"];
    assert_eq!((&retitled["before"], &retitled["after"]), (&json!({"title": "Login"}), &json!({"title": "Sign in"})));
    assert_eq!((&retitled["change"], &retitled["state"]["title"]), (&json!("upsert"), &json!("Sign in")));
    assert_eq!(retitled["actor"], json!({"type": "member", "id": server.workspace.owner_id}));
    assert_eq!(of_task[2]["data"]["resource"], json!({"type": "task", "id": task, "number": 1, "version": 3}));
    assert_eq!((&of_task[3]["data"]["change"], &of_task[3]["data"]["state"]), (&json!("tombstone"), &Value::Null));
    let text = serde_json::to_string(&fresh).expect("text");
    assert!(!text.contains("sha256") && !text.contains(&other.workspace_id.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_what_they_may_not_see() {
    let server = Server::start().await;
    let (ada, adas_key) = server.member("ada", "member").await;
    server.post("/v1/notifications", json!({"recipient_ids": [ada], "title": "For Ada"})).await;
    server.post("/v1/notifications", json!({"title": "For the owner"})).await;
    let hers = changes(&server, &adas_key, "after=0&limit=1000").await.to_string();
    assert!(hers.contains("For Ada") && !hers.contains("For the owner") && !hers.contains("api_key."));
    let owners = changes(&server, server.key(), "after=0&limit=1000").await.to_string();
    assert!(!owners.contains("For Ada") && owners.contains("For the owner") && owners.contains("api_key."));
    for (query, parameter) in [
        ("after=-1", "after"),
        ("after=x", "after"),
        ("after=99-1", "after"),
        ("after=999999999", "after"),
        ("after=0&kinds=secrets", "kinds"),
        ("after=0&limit=0", "limit"),
        ("after=0&wait=31", "wait"),
        ("limit=1", "after"),
    ] {
        let refused = server.get(&format!("/v1/changes?{query}")).await;
        assert_eq!(
            (refused.status, &refused.json()["errors"][0]["parameter"]),
            (StatusCode::BAD_REQUEST, &json!(parameter)),
            "{query}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_answered_when_something_happens() {
    let server = Server::start().await;
    let now = changes(&server, server.key(), "after=0&limit=1000").await["position"].as_str().expect("one").to_owned();
    let none = changes(&server, server.key(), &format!("after={now}&wait=1")).await;
    assert_eq!((data(&none).len(), &none["position"]), (0, &json!(now)));
    let begun = Instant::now();
    let query = format!("after={now}&wait=30&kinds=project");
    let (waited, project) = tokio::join!(changes(&server, server.key(), &query), async {
        server.made("/v1/labels", json!({"name": "Not waited for"})).await;
        server.project("Website").await
    });
    assert_eq!((data(&waited).len(), &waited["data"][0]["partitionkey"]), (1, &json!(project)));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_where_it_was_cut_off_on_any_node() {
    let server = Server::start().await;
    let (node, _stop) = server.another_node().await;
    let mut stream = Listener::open(&server.url, server.key(), EVENTS, None).await;
    let project = server.project("Website").await;
    assert_eq!(types(&stream.take(1).await), ["project.created"]);
    let last = stream.last_id.clone();
    drop(stream);
    for n in 0..5 {
        server.task(&project, &format!("Task {n}")).await;
    }
    let mut stream = Listener::open(&node, server.key(), EVENTS, Some(&last)).await;
    let missed = stream.take(5).await;
    let numbers: Vec<_> = missed.iter().map(|event| event["data"]["resource"]["number"].as_i64()).collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3), Some(4), Some(5)]);
    server.task(&project, "One more").await;
    assert_eq!(stream.take(1).await[0]["data"]["state"]["title"], "One more");
    // From the very beginning, of one kind.
    let path = format!("{EVENTS}?after=0&kinds=task");
    let mut all = Listener::open(&server.url, server.key(), &path, None).await;
    assert_eq!(all.take(6).await[..5], missed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_is_left_nothing_out() {
    let server = Server::start().await;
    let project = server.project("Website").await;
    let path = format!("{EVENTS}?kinds=task");
    let mut slow = Listener::open(&server.url, server.key(), &path, None).await;
    let mut quick = Listener::open(&server.url, server.key(), &path, None).await;
    for _ in 0..4 {
        let create =
            json!({"op": "create", "task": {"project_id": project, "title": "T", "description": "x".repeat(500)}});
        let made = server.post("/v1/tasks/batch", json!({"commands": vec![create; 500]})).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text);
        quick.take(500).await;
    }
    let numbers: Vec<_> = slow.take(2_000).await.iter().map(|one| one["data"]["resource"]["number"].as_i64()).collect();
    assert_eq!(numbers, (1..=2_000).map(Some).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_five_streams_and_bad_places_to_begin_are_refused() {
    let server = Server::start().await;
    let first = changes(&server, server.key(), "after=0&limit=1").await["position"].as_str().expect("one").to_owned();
    let partition: i32 = first.split('-').next().expect("a partition").parse().expect("a number");
    let foreign = format!("{}-1", partition + 1);
    let future = format!("{partition}-999999");
    for id in ["", "x", "-1", "1-2-3", "01", &foreign, &future, &"9".repeat(8_000)] {
        for path in [EVENTS, NOTIFICATIONS] {
            let refused = connect(&server.url, server.key(), path, Some(id)).await;
            assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{id:.20}");
            let problem: Value = refused.json().await.expect("a problem");
            assert_eq!(problem["code"], "invalid-last-event-id");
        }
    }
    // What no request has room for is not read to its end.
    let long =
        ask(&server.url, server.key(), Method::GET, EVENTS).header("Last-Event-ID", "9".repeat(1_000_000)).send();
    assert!(long.await.map_or(true, |refused| refused.status() == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(Listener::open(&server.url, server.key(), EVENTS, None).await);
    }
    let sixth = connect(&server.url, server.key(), EVENTS, None).await;
    assert_eq!(sixth.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(sixth.headers().contains_key("retry-after"));
    open.pop();
    // The server learns of it when it next has something to say.
    let mut again = connect(&server.url, server.key(), EVENTS, None).await;
    while again.status() != StatusCode::OK {
        server.made("/v1/projects", json!({"name": "Something to say"})).await;
        again = connect(&server.url, server.key(), EVENTS, None).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_hears_of_their_own_notifications_alone() {
    let server = Server::start().await;
    let (ada, adas_key) = server.member("ada", "viewer").await;
    // Of having been invited; that is not to come later.
    told(&server, &adas_key, 1).await;
    let mut hers = Listener::open(&server.url, &adas_key, NOTIFICATIONS, None).await;
    server.post("/v1/notifications", json!({"title": "For the owner"})).await;
    server.post("/v1/notifications", json!({"recipient_ids": [ada], "title": "For Ada"})).await;
    let sent = hers.next().await.expect("an event");
    assert_eq!((&sent["type"], &sent["data"]["state"]["title"]), (&json!("notification.sent"), &json!("For Ada")));
    let path = format!("/v1/notifications/{}/read", sent["data"]["resource"]["id"].as_str().expect("an id"));
    send(ask(&server.url, &adas_key, Method::POST, &path)).await;
    let read = hers.next().await.expect("an event");
    assert_eq!((&read["type"], &read["data"]["before"]), (&json!("notification.read"), &json!({"read_at": null})));
}
