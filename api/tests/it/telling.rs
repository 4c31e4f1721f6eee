//! Who is told what, over a whole server: each once, whatever happens, and nobody of what they did themselves.

mod talk;

use std::time::Duration;

use chrono::{DateTime, Utc};
use docket_api::config::Role;
use docket_commands::teller::{Config, Teller};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::events::listen::Listener;
use crate::server::{Server, ask, send};

/// What a member was told, newest first, once there is as much as that.
pub async fn told(server: &Server, key: &str, count: usize) -> Vec<Value> {
    for _ in 0..500 {
        let page = send(ask(&server.url, key, Method::GET, "/v1/notifications")).await.json();
        let data = page["data"].as_array().expect("data").clone();
        if data.len() >= count {
            assert_eq!(data.len(), count, "{data:#?}");
            return data;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{count} notifications did not come");
}

/// Of which kinds they are.
pub fn kinds(told: &[Value]) -> Vec<&str> {
    told.iter().map(|one| one["kind"].as_str().expect("a kind")).collect()
}

/// A server on which nobody tells but the test.
async fn without_a_teller() -> Server {
    Server::start_with(|config| config.roles = vec![Role::Api, Role::Projector]).await
}

fn clock() -> DateTime<Utc> {
    Utc::now()
}

async fn teller(server: &Server) -> Teller {
    let config = Config { holder: uuid::Uuid::new_v4(), clock };
    Teller::open(&server.db.url, server.commands.clone(), &config).await.expect("a teller")
}

/// Tells all there is to tell; the lease of whoever told before is taken away.
async fn tell(server: &Server, teller: &mut Teller) {
    run(server, "update log.leases set expires_at = now() where name like 'tell/%'").await;
    while teller.step().await.expect("a step") > 0 {}
}

async fn run(server: &Server, sql: &'static str) {
    let pool = sqlx::PgPool::connect(&server.db.url).await.expect("the database");
    sqlx::query(sql).execute(&pool).await.expect(sql);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_people_concerned_are_told_and_nobody_of_their_own_doing() {
    let server = Server::start().await;
    let (ada, adas) = server.member("ada", "manager").await;
    let (grace, graces) = server.member("grace", "member").await;
    assert_eq!(kinds(&told(&server, &adas, 1).await), ["invited"]);
    let mut stream = Listener::open(&server.url, &adas, "/v1/notifications/stream", None).await;
    let project = server.project("Website").await;
    let task = json!({"project_id": project, "title": "Login", "assignee_ids": [ada, server.workspace.owner_id]});
    let task = server.made("/v1/tasks", task).await;
    let path = format!("/v1/tasks/{task}");
    let assigned = stream.next().await.expect("an event");
    assert_eq!(
        (&assigned["type"], &assigned["data"]["state"]["kind"]),
        (&json!("notification.sent"), &json!("assigned"))
    );
    assert_eq!(assigned["data"]["state"]["subject"], json!({"type": "task", "id": task}));
    assert_eq!(assigned["data"]["actor"], json!({"type": "system"}));

    server.patch(&path, json!({"status": "in_progress"})).await;
    assert_eq!(stream.next().await.expect("an event")["data"]["state"]["kind"], "status_changed");
    server.patch(&path, json!({"due_date": "2099-01-01", "description": "Ask @grace"})).await;
    assert_eq!(stream.next().await.expect("an event")["data"]["state"]["kind"], "due_changed");
    // Her own doing, which the owner is told of.
    let comment = json!({"body": "@grace@example.com, @ada: what about this?"});
    send(ask(&server.url, &adas, Method::POST, &format!("{path}/comments")).json(&comment)).await;
    send(ask(&server.url, &adas, Method::PATCH, &path).json(&json!({"status": "in_review"}))).await;
    server.delete(&format!("{path}/assignees/{ada}")).await;
    assert_eq!(stream.next().await.expect("an event")["data"]["state"]["kind"], "unassigned");

    let hers = told(&server, &adas, 5).await;
    assert_eq!(kinds(&hers), ["unassigned", "due_changed", "status_changed", "assigned", "invited"]);
    assert_eq!(hers[2]["title"], "“Login” is now in progress");
    assert_eq!(kinds(&told(&server, &graces, 3).await), ["mentioned", "mentioned", "invited"]);
    assert_eq!(kinds(&told(&server, server.key(), 2).await), ["status_changed", "commented"]);
    let _ = grace;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_changes_at_once_are_one_notification() {
    let server = Server::start().await;
    let (ada, adas) = server.member("ada", "member").await;
    let project = server.project("Website").await;
    let create = |n: usize| json!({"op": "create", "task": {"project_id": project, "title": format!("T{n}"), "assignee_ids": [ada]}});
    let commands: Vec<_> = (0..500).map(create).collect();
    let made = server.post("/v1/tasks/batch", json!({"commands": commands})).await.json();
    let hers = told(&server, &adas, 2).await;
    assert_eq!((&hers[0]["title"], &hers[0]["kind"]), (&json!("500 tasks were assigned to you"), &json!("assigned")));
    // More events than are read at a time.
    let ids = made["results"].as_array().expect("results").iter().map(|result| result["task"]["id"].clone());
    let change =
        |id: Value| json!({"op": "update", "id": id, "set": {"status": "done", "title": "Done", "priority": "high"}});
    let commands: Vec<_> = ids.map(change).collect();
    server.post("/v1/tasks/batch", json!({"commands": commands})).await;
    assert_eq!(told(&server, &adas, 3).await[0]["title"], "500 tasks of yours have another status");
}

#[tokio::test(flavor = "multi_thread")]
async fn sprints_concern_who_has_tasks_in_them() {
    let server = Server::start().await;
    let (ada, adas) = server.member("ada", "member").await;
    let (_, graces) = server.member("grace", "member").await;
    let project = server.project("Website").await;
    let sprint = server.made("/v1/sprints", json!({"project_id": project, "name": "One"})).await;
    let task = json!({"project_id": project, "title": "Login", "assignee_ids": [ada], "sprint_id": sprint});
    server.made("/v1/tasks", task).await;
    server.post(&format!("/v1/sprints/{sprint}/start"), json!({})).await;
    server.post(&format!("/v1/sprints/{sprint}/close"), json!({"open_tasks": "remove"})).await;
    let hers = told(&server, &adas, 4).await;
    assert_eq!(kinds(&hers), ["sprint_closed", "sprint_started", "assigned", "invited"]);
    assert_eq!(kinds(&told(&server, &graces, 1).await), ["invited"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_told_once_and_in_order_by_however_many_nodes_and_however_often() {
    let server = without_a_teller().await;
    let (ada, adas) = server.member("ada", "member").await;
    let project = server.project("Website").await;
    for n in 0..20 {
        server.made("/v1/tasks", json!({"project_id": project, "title": format!("{n}"), "assignee_ids": [ada]})).await;
    }
    let (mut one, mut other) = (teller(&server).await, teller(&server).await);
    tell(&server, &mut one).await;
    let hers = told(&server, &adas, 21).await;
    let newest_first = (0..20).rev().map(|n| format!("“{n}” was assigned to you"));
    assert!(newest_first.eq(hers[..20].iter().map(|one| one["title"].as_str().expect("a title"))), "{hers:#?}");
    let gone = format!("/v1/notifications/{}", hers[3]["id"].as_str().expect("an id"));
    assert_eq!(send(ask(&server.url, &adas, Method::DELETE, &gone)).await.status, StatusCode::NO_CONTENT);
    // A node that knows nothing of what the first has done, twice: as if it had crashed before noting it.
    for _ in 0..2 {
        run(&server, "update log.tellers set position = 0").await;
        tell(&server, &mut other).await;
    }
    // Both at the same time.
    server.made("/v1/tasks", json!({"project_id": project, "title": "Last", "assignee_ids": [ada]})).await;
    run(&server, "update log.tellers set position = 0").await;
    tell(&server, &mut one).await;
    run(&server, "update log.leases set expires_at = now() where name like 'tell/%'").await;
    let (first, second) = tokio::join!(one.step(), other.step());
    assert!(first.is_ok() && second.is_ok());
    let hers = told(&server, &adas, 21).await;
    assert_eq!(hers[0]["title"], "“Last” was assigned to you");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_said_once_also_after_a_downtime() {
    let server = without_a_teller().await;
    let (ada, adas) = server.member("ada", "member").await;
    let project = server.project("Website").await;
    for (title, due) in [("A", "2099-03-10"), ("B", "2099-03-12"), ("Past", "2020-01-01")] {
        let task = json!({"project_id": project, "title": title, "due_date": due, "assignee_ids": [ada]});
        server.made("/v1/tasks", task).await;
    }
    let mut one = teller(&server).await;
    tell(&server, &mut one).await;
    let at = |time: &str| time.parse::<DateTime<Utc>>().expect("a time");
    assert_eq!(one.remind(at("2099-03-08T12:00:00Z")).await.expect("none"), 0);
    assert_eq!(one.remind(at("2099-03-09T12:00:00Z")).await.expect("one"), 1);
    assert_eq!(one.remind(at("2099-03-09T18:00:00Z")).await.expect("none"), 0);
    // Nobody was there for a week: that it was due tomorrow need not be said any more.
    run(&server, "update log.leases set expires_at = now() where name like 'tell/%'").await;
    let mut other = teller(&server).await;
    assert_eq!(other.remind(at("2099-03-17T00:30:00Z")).await.expect("two"), 2);
    // And if it crashed before noting it, it says it again, which nobody hears.
    run(&server, "update log.agenda set told = 0 where due_date > '2099-01-01'").await;
    other.remind(at("2099-03-17T00:30:00Z")).await.expect("again");
    let hers = told(&server, &adas, 6).await;
    let said: Vec<_> = hers[..2].iter().map(|one| one["title"].as_str().expect("a title")).collect();
    assert_eq!(said, ["2 tasks of yours are overdue", "“A” is due tomorrow"]);
    assert_eq!(hers[0]["body"], "- “A” is overdue\n- “B” is overdue");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_a_crash_is_not_said_again_with_what_came_since() {
    let server = without_a_teller().await;
    let (ada, adas) = server.member("ada", "member").await;
    let project = server.project("Website").await;
    let due = |title: &str| {
        let task = json!({"project_id": project, "title": title, "due_date": "2099-03-10", "assignee_ids": [ada]});
        server.made("/v1/tasks", task)
    };
    due("A").await;
    due("B").await;
    let mut one = teller(&server).await;
    tell(&server, &mut one).await;
    let now: DateTime<Utc> = "2099-03-09T12:00:00Z".parse().expect("a time");
    run(&server, "alter table log.agenda add constraint no_note check (told = 0)").await;
    assert!(one.remind(now).await.is_err(), "it could not note it");
    run(&server, "alter table log.agenda drop constraint no_note").await;
    due("C").await;
    tell(&server, &mut one).await;
    assert_eq!(one.remind(now).await.expect("all"), 3);
    let hers = told(&server, &adas, 6).await;
    let said: Vec<_> = hers.iter().filter(|one| one["kind"] == "due_soon").map(|one| one["title"].clone()).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(["2 tasks of yours are due soon", "“C” is due tomorrow"].iter().all(|title| said.contains(&json!(title))));
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_says_what_they_want_to_be_told_and_how() {
    let server = Server::start().await;
    let (ada, adas) = server.member("ada", "member").await;
    let path = "/v1/me/notification-preferences";
    let wish = async |body: Value| send(ask(&server.url, &adas, Method::PATCH, path).json(&body)).await;
    let before = send(ask(&server.url, &adas, Method::GET, path)).await;
    assert_eq!((before.status, &before.json()["assigned"]), (StatusCode::OK, &json!({"inbox": true, "push": true})));
    let changed = wish(json!({"assigned": {"inbox": false}, "status_changed": {"push": false}, "commented": {"inbox": false, "push": false}})).await;
    assert_eq!((changed.status, &changed.json()["assigned"]), (StatusCode::OK, &json!({"inbox": false, "push": true})));
    assert_eq!(changed.json(), send(ask(&server.url, &adas, Method::GET, path)).await.json());
    for (body, pointer) in [
        (json!({"asigned": {"inbox": true}}), "/asigned"),
        (json!({"assigned": {"inbox": null}}), "/assigned/inbox"),
        (json!({"assigned": {"mail": true}}), "/assigned/mail"),
        (json!({"assigned": false}), "/assigned"),
    ] {
        let refused = wish(body.clone()).await;
        assert_eq!(
            (refused.status, &refused.json()["errors"][0]["pointer"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(pointer)),
            "{body}"
        );
    }
    assert_eq!(kinds(&told(&server, &adas, 1).await), ["invited"]);
    let mut stream = Listener::open(&server.url, &adas, "/v1/notifications/stream", None).await;
    let project = server.project("Website").await;
    let task = server.made("/v1/tasks", json!({"project_id": project, "title": "Login", "assignee_ids": [ada]})).await;
    server.post(&format!("/v1/tasks/{task}/comments"), json!({"body": "Hello"})).await;
    server.patch(&format!("/v1/tasks/{task}"), json!({"status": "done"})).await;
    server.post("/v1/notifications", json!({"title": "By hand", "recipient_ids": [ada]})).await;
    let pushed = [stream.next().await, stream.next().await]
        .map(|event| event.expect("an event")["data"]["state"]["kind"].clone());
    let listed = told(&server, &adas, 3).await;
    assert!(kinds(&listed).contains(&"status_changed") && !kinds(&listed).contains(&"assigned"), "{listed:?}");
    assert!(pushed.contains(&json!("assigned")) && pushed.contains(&json!("message")), "{pushed:?}");
    let counts = send(ask(&server.url, &adas, Method::GET, "/v1/notifications/counts")).await.json();
    assert_eq!(counts, json!({"total": 3, "unread": 3}));
    // Nobody else sees them.
    let feed = server.get("/v1/changes?after=0&limit=1000").await.text;
    assert!(!feed.contains("preferences.changed"));
}
