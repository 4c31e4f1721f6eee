//! Projects, sprints, time and notifications: whatever API made one, every API that knows such things shows it.

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, send};

struct World {
    server: Server,
}

impl World {
    async fn new() -> Self {
        Self { server: Server::start().await }
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = Client::new().request(method, format!("{}{path}", self.server.url));
        request = request.bearer_auth(self.server.key());
        if let Some(body) = body {
            request = request.json(body);
        }
        send(request).await
    }

    async fn make(&self, path: &str, body: Value) -> Value {
        let made = self.send(Method::POST, path, Some(&body)).await;
        assert!([StatusCode::CREATED, StatusCode::OK].contains(&made.status), "{path}: {}", made.text);
        unpacked(made.json())
    }

    /// What a GET answers, out of its envelope.
    async fn seen(&self, path: &str) -> Value {
        let answer = self.send(Method::GET, path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        unpacked(answer.json())
    }

    /// That some element of the list at this path has these members.
    async fn lists(&self, path: &str, wanted: Value) {
        let list = self.seen(path).await;
        let wanted = wanted.as_object().expect("members");
        let fits = |item: &Value| wanted.iter().all(|(name, value)| &item[name] == value);
        assert!(list.as_array().is_some_and(|items| items.iter().any(fits)), "{path}: {wanted:?} is not in {list}");
    }
}

/// The resource or the list within whatever envelope.
fn unpacked(body: Value) -> Value {
    for name in ["data", "items"] {
        if !body[name].is_null() {
            return body[name].clone();
        }
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_are_seen_through_all() {
    let world = World::new().await;
    for (nth, path) in [
        "/v1/projects",
        "/ikreo/api.php?endpoint=projects",
        "/krokanti/api/projects",
        "/projekt/api/projects",
        "/generic/v1/projects",
    ]
    .iter()
    .enumerate()
    {
        let name = format!("Made at {path}");
        world.make(path, json!({"name": name})).await;
        let native = world.seen("/v1/projects?sort=-number&limit=1").await[0].clone();
        assert_eq!((&native["name"], &native["number"]), (&json!(name), &json!(nth + 1)));
        let id = native["id"].as_str().expect("an id");
        world.lists("/ikreo/api.php?endpoint=projects", json!({"id": nth + 1, "name": name})).await;
        world.lists("/krokanti/api/projects", json!({"id": id, "name": name})).await;
        world.lists("/pike/projects", json!({"id": id, "title": name})).await;
        assert_eq!(world.seen(&format!("/pike/projects/{id}")).await["projectNumber"], native["project_number"]);
        world.lists("/projekt/api/projects", json!({"id": id, "name": name})).await;
        world.lists("/generic/v1/projects", json!({"name": name})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sprints_and_time_are_seen_where_there_are_such_things() {
    let world = World::new().await;
    let project = world.make("/v1/projects", json!({"name": "P"})).await;
    let task = world.make("/v1/tasks", json!({"project_id": project["id"], "title": "T"})).await;
    for (nth, path) in ["/v1/sprints", "/projekt/api/sprints"].iter().enumerate() {
        let name = format!("Made at {path}");
        let body =
            json!({"project_id": project["id"], "name": name, "start_date": "2026-03-01", "end_date": "2026-03-14"});
        let made = world.make(path, body).await;
        let dates = json!({"id": made["id"], "name": name, "start_date": "2026-03-01", "end_date": "2026-03-14"});
        world.lists("/v1/sprints", dates.clone()).await;
        world.lists("/projekt/api/sprints", dates).await;
        world.lists("/ikreo/api.php?endpoint=sprints&project_id=1", json!({"id": nth + 1, "name": name})).await;
    }
    let span = ("2026-03-14T10:00:00Z", "2026-03-14T11:02:00Z");
    world.make("/v1/timelogs", json!({"task_id": task["id"], "started_at": span.0, "ended_at": span.1})).await;
    world
        .make("/projekt/api/time-entries", json!({"issue_id": task["id"], "started_at": span.0, "ended_at": span.1}))
        .await;
    for path in ["/v1/timelogs", "/projekt/api/time-entries", "/ikreo/api.php?endpoint=timelogs&task_id=1"] {
        let logs = world.seen(path).await;
        assert_eq!(logs.as_array().map(Vec::len), Some(2), "{path}: {logs}");
        world.lists(path, json!({"duration_seconds": 3720})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_seen_where_there_are_such_things() {
    let world = World::new().await;
    world.make("/v1/notifications", json!({"title": "From within"})).await;
    world.make("/ikreo/api.php?endpoint=notifications", json!({"title": "From ikreo", "body": "v2.3 is live"})).await;
    for path in ["/v1/notifications", "/ikreo/api.php?endpoint=notifications"] {
        world.lists(path, json!({"title": "From within"})).await;
        world.lists(path, json!({"title": "From ikreo", "body": "v2.3 is live"})).await;
    }
}
