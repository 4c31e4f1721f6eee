//! Webhooks over a whole server: what receivers get, in which order, signed how, and what is never reached.

mod inside;
mod pace;
pub mod receiver;
mod signed;
mod tls;
mod verifiers;
mod wild;

use std::collections::HashMap;
use std::time::Duration;

use docket_api::Config;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::server::Server;
use receiver::{Got, Receiver};

/// A server that may send to receivers on this machine.
async fn server() -> Server {
    server_with(|_| {}).await
}

/// The same, configured otherwise.
async fn server_with(change: impl FnOnce(&mut Config)) -> Server {
    Server::start_with(|config| {
        config.webhook_networks = vec!["127.0.0.0/8".parse().expect("a network")];
        change(config);
    })
    .await
}

async fn webhook(server: &Server, name: &str, url: &str, more: Value) -> String {
    let mut body = json!({"name": name, "url": url});
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    server.made("/v1/webhooks", body).await
}

async fn run(server: &Server, sql: &'static str) {
    let pool = sqlx::PgPool::connect(&server.db.url).await.expect("the database");
    sqlx::query(sql).execute(&pool).await.expect(sql);
}

/// The log of deliveries, once so many attempts were made and the next one is waited for.
async fn put_off(server: &Server, deliveries: &str, attempts: i64) -> Value {
    for _ in 0..1_500 {
        let log = server.get(deliveries).await.json();
        let next_at = log["next_attempt_at"].as_str().and_then(|at| at.parse::<chrono::DateTime<chrono::Utc>>().ok());
        let made = log["data"][0]["attempt"].as_i64().is_some_and(|made| made >= attempts);
        if made && next_at.is_some_and(|at| at > chrono::Utc::now()) {
            return log;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{attempts} attempts were not made");
}

/// Whatever waits to be tried again is tried now.
async fn hurry(server: &Server) {
    run(server, "update webhooks.cursors set next_at = now()").await;
}

/// Whether what happened to each thing came in order.
fn is_in_order(got: &[Got]) -> bool {
    let mut last = HashMap::new();
    got.iter().all(|one| last.insert(one.resource(), one.position()).is_none_or(|before| before < one.position()))
}

fn types(got: &[Got]) -> Vec<&str> {
    got.iter().map(|one| one.event["type"].as_str().expect("a type")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_sent_in_order_under_the_ids_of_the_events() {
    let (server, receiver) = (server().await, Receiver::start().await);
    webhook(&server, "CI", &receiver.url(), json!({"event_types": ["project.*", "task.created"]})).await;
    let project = server.project("Website").await;
    for n in 0..20 {
        server.task(&project, &format!("{n}")).await;
    }
    server.delete(&format!("/v1/projects/{project}")).await;
    let mut got = receiver.take(22).await;
    assert!(is_in_order(&got), "{got:?}");
    // What happened to different things may come at the same time.
    got.sort_by_key(Got::position);
    let mut expected = vec!["project.created"];
    expected.extend(["task.created"; 20]);
    expected.push("project.deleted");
    assert_eq!(types(&got), expected);
    assert!(got.iter().all(|one| one.event["id"] == one.id), "ids are the events'");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_is_sent_again_under_the_same_id_and_nothing_overtakes_it() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let id = webhook(&server, "CI", &receiver.url(), json!({"event_types": ["project.*"]})).await;
    let path = format!("/v1/webhooks/{id}/deliveries");
    let mut ids = Vec::new();
    for (attempts, status) in (0..).zip([500, 301, 410, 429]) {
        receiver.answer(status);
        if ids.is_empty() {
            server.project("One").await;
            server.project("Two").await;
        } else {
            put_off(&server, &path, attempts).await;
            hurry(&server).await;
        }
        ids.push(receiver.take(1).await.remove(0).id);
    }
    assert!(ids.iter().all(|one| *one == ids[0]), "{ids:?}");
    let log = put_off(&server, &path, 4).await;
    assert_eq!(log["data"][0]["message_id"], json!(ids[0]), "{log}");
    assert!(log["failing_since"].is_string() && log["data"][0]["error"].is_string());
    receiver.answer(204);
    hurry(&server).await;
    let got = receiver.take(2).await;
    assert_eq!((&got[0].id, types(&got)), (&ids[0], vec!["project.created"; 2]));
    while server.get(&path).await.json()["failing_since"].is_string() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(receiver.redirected(), 0, "no redirect is followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_does_not_name_who_was_erased() {
    let (server, down, up) = (server().await, Receiver::start().await, Receiver::start().await);
    down.answer(503);
    let id = webhook(&server, "CI", &down.url(), json!({"event_types": ["member.*"]})).await;
    let body = json!({"email": "quastenflosser@example.com", "name": "Quastenflosser"});
    let member = server.made("/v1/members", body).await;
    let refused = down.take(1).await.remove(0);
    assert!(refused.body.contains("Quastenflosser"), "{}", refused.body);
    put_off(&server, &format!("/v1/webhooks/{id}/deliveries"), 1).await;
    let erased = server.delete(&format!("/v1/members/{member}/personal-data")).await;
    assert_eq!(erased.status, StatusCode::NO_CONTENT, "{}", erased.text);

    // What was on its way before that still goes where it did.
    let moved = server.patch(&format!("/v1/webhooks/{id}"), json!({"url": up.url()})).await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.text);
    hurry(&server).await;
    let mut got = up.take(1).await;
    while got.last().is_none_or(|last| last.event["type"] != "member.erased") {
        got.extend(up.take(1).await);
    }
    assert!(got.iter().any(|one| one.id == refused.id), "{got:?}");
    assert!(got.iter().all(|one| !one.body.contains("uastenflosser")), "{got:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_paused_or_comes_late_misses_nothing() {
    let (server, receiver) = (server().await, Receiver::start().await);
    server.project("Zero").await;
    let id = webhook(&server, "CI", &receiver.url(), json!({"event_types": ["project.*"], "paused": true})).await;
    let path = format!("/v1/webhooks/{id}");
    server.project("One").await;
    let late =
        webhook(&server, "Late", &receiver.url(), json!({"event_types": ["project.*"], "from_beginning": true})).await;
    let names = |got: &[Got]| got.iter().map(|one| one.event["data"]["state"]["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&receiver.take(2).await), ["Zero", "One"]);
    server.delete(&format!("/v1/webhooks/{late}")).await;
    assert_eq!(server.patch(&path, json!({"paused": false})).await.status, StatusCode::OK);
    assert_eq!(names(&receiver.take(1).await), ["One"]);
    // Again from the first event, and from nowhere.
    assert_eq!(server.post(&format!("{path}/replay"), json!({"after": "0"})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(names(&receiver.take(2).await), ["Zero", "One"]);
    for after in ["x", "-1", "99-1", "999999999"] {
        let refused = server.post(&format!("{path}/replay"), json!({"after": after})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{after}");
    }
    let tried = server.post(&format!("{path}/test"), json!({})).await.json();
    assert_eq!((&tried["status"], &tried["error"]), (&json!(204), &Value::Null));
    assert_eq!(receiver.take(1).await[0].event["type"], "webhook.test");
    assert_eq!(server.get(&format!("/v1/webhooks/{late}/deliveries")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_hangs_keeps_nobody_else_waiting() {
    let server = server().await;
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    slow.hang();
    for n in 0..10 {
        webhook(&server, &format!("Slow {n}"), &slow.url(), json!({})).await;
    }
    webhook(&server, "Quick", &quick.url(), json!({"event_types": ["project.*"]})).await;
    let begun = std::time::Instant::now();
    server.project("One").await;
    quick.take(1).await;
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_inside_is_ever_reached() {
    let server = Server::start().await;
    let receiver = Receiver::start().await;
    let port = receiver.port();
    let mut n = 0;
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "localhost",
        "localhost.",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "169.254.169.254",
        "10.0.0.1",
        "127.0.0.1.",
    ] {
        for scheme in ["http", "https"] {
            n += 1;
            let url = format!("{scheme}://{host}:{port}/");
            let made = server.post("/v1/webhooks", json!({"name": format!("{n}"), "url": url})).await;
            assert_eq!(made.status, StatusCode::CREATED, "{url}: {}", made.text);
            let id = made.json()["id"].as_str().expect("an id").to_owned();
            let tried = server.post(&format!("/v1/webhooks/{id}/test"), json!({})).await.json();
            // Some machines don't know a name with a dot at its end.
            let said = [
                json!("the address is not a public one"),
                json!("failed to lookup address information: Name or service not known"),
            ];
            assert!(said.contains(&tried["error"]) && tried["status"].is_null(), "{url}: {tried}");
        }
    }
    for url in [
        "http://user@example.org/",
        "https://example.org:22/",
        "ftp://example.org/",
        "https://127\u{3002}0\u{3002}0\u{3002}1/",
        "https://[::1%25lo]/",
        "https://",
    ] {
        let refused = server.post("/v1/webhooks", json!({"name": "Bad", "url": url})).await;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("not-a-target")),
            "{url}"
        );
    }
    let refused = server
        .post("/v1/webhooks", json!({"name": "Bad", "url": "https://example.org", "event_types": ["tasks.*"]}))
        .await;
    assert_eq!(refused.json()["code"], "not-an-event-type");
    assert_eq!(receiver.connections(), 0);
}
