//! What is rehearsed is what happens: through every API that writes, every one of its operations is sent with
//! `dry_run=true`, which stores nothing, and then in earnest, which is found in the history exactly once.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::server::{Answer, Server, ask, send};

/// An operation that writes.
struct Write {
    id: &'static str,
    method: Method,
    path: String,
    body: Value,
}

fn write(id: &'static str, method: Method, path: impl Into<String>, body: Value) -> Write {
    Write { id, method, path: path.into(), body }
}

/// Resources to write to, made through Docket's own API.
struct Things {
    owner: String,
    project: Value,
    doomed: Value,
    task: Value,
    sprint: String,
    label: String,
    timelog: String,
}

impl Things {
    async fn new(server: &Server) -> Self {
        let (project, doomed) = (server.project("P").await, server.project("Doomed").await);
        let task = server.task(&project, "T").await;
        let dates = json!({"project_id": project, "name": "S", "start_date": "2026-03-01", "end_date": "2026-03-14"});
        let time = json!({"task_id": task, "started_at": "2026-03-02T09:00:00Z", "ended_at": "2026-03-02T10:00:00Z"});
        Self {
            owner: server.workspace.owner_id.to_string(),
            sprint: server.made("/v1/sprints", dates).await,
            label: server.made("/v1/labels", json!({"name": format!("L {task}")})).await,
            timelog: server.made("/v1/timelogs", time).await,
            project: server.get(&format!("/v1/projects/{project}")).await.json(),
            doomed: server.get(&format!("/v1/projects/{doomed}")).await.json(),
            task: server.get(&format!("/v1/tasks/{task}")).await.json(),
        }
    }
}

fn uuid(thing: &Value) -> &str {
    thing["id"].as_str().expect("an id")
}

fn ikreo(it: &Things) -> Vec<Write> {
    let file = "/ikreo/api.php?endpoint=";
    let task = format!("{file}tasks&id={}", it.task["number"]);
    vec![
        write("createProject", Method::POST, format!("{file}projects"), json!({"name": "N"})),
        write(
            "createTask",
            Method::POST,
            format!("{file}tasks"),
            json!({"project_id": it.project["number"], "title": "N"}),
        ),
        write("updateTask", Method::PUT, &task, json!({"title": "U", "status": "progress"})),
        write("deleteTask", Method::DELETE, &task, Value::Null),
        write("sendNotification", Method::POST, format!("{file}notifications"), json!({"title": "N", "body": "B"})),
    ]
}

fn krokanti(it: &Things) -> Vec<Write> {
    let task = format!("/krokanti/api/tasks/{}", uuid(&it.task));
    let (assignees, labels) = (format!("{task}/assignees"), format!("{task}/labels"));
    let (user, label) = (json!({"userId": it.owner}), json!({"labelId": it.label}));
    vec![
        write("createSpace", Method::POST, "/krokanti/api/spaces", json!({"name": "N"})),
        write("createProject", Method::POST, "/krokanti/api/projects", json!({"name": "N"})),
        write("createTask", Method::POST, "/krokanti/api/tasks", json!({"projectId": it.project["id"], "title": "N"})),
        write("updateTask", Method::PATCH, &task, json!({"title": "U"})),
        write("assignTask", Method::POST, &assignees, user.clone()),
        write("unassignTask", Method::DELETE, &assignees, user),
        write("addLabels", Method::POST, &labels, label.clone()),
        write("removeLabels", Method::DELETE, &labels, label),
        write("deleteTask", Method::DELETE, &task, Value::Null),
    ]
}

fn projekt(it: &Things) -> Vec<Write> {
    let at = |list: &str, id: &str| format!("/projekt/api/{list}/{id}");
    let (issue, sprint, time) =
        (at("issues", uuid(&it.task)), at("sprints", &it.sprint), at("time-entries", &it.timelog));
    let (project, doomed) = (at("projects", uuid(&it.project)), at("projects", uuid(&it.doomed)));
    let planned = json!({"project_id": it.project["id"], "name": "N"});
    let hour =
        json!({"issue_id": it.task["id"], "started_at": "2026-03-03T09:00:00Z", "ended_at": "2026-03-03T10:00:00Z"});
    vec![
        write(
            "createIssue",
            Method::POST,
            "/projekt/api/issues",
            json!({"project_id": it.project["id"], "title": "N"}),
        ),
        write("putIssue", Method::PUT, &issue, json!({"title": "U"})),
        write("patchIssue", Method::PATCH, &issue, json!({"title": "V", "priority": "high"})),
        write("createProject", Method::POST, "/projekt/api/projects", json!({"name": "N"})),
        write("putProject", Method::PUT, &project, json!({"name": "U"})),
        write("patchProject", Method::PATCH, &project, json!({"name": "V"})),
        write("createSprint", Method::POST, "/projekt/api/sprints", planned),
        write("putSprint", Method::PUT, &sprint, json!({"name": "U"})),
        write("patchSprint", Method::PATCH, &sprint, json!({"name": "V"})),
        write("startSprint", Method::POST, format!("{sprint}/start"), json!({})),
        write("closeSprint", Method::POST, format!("{sprint}/close"), json!({})),
        write("logTime", Method::POST, "/projekt/api/time-entries", hour),
        write("putTimeEntry", Method::PUT, &time, json!({"note": "U"})),
        write("patchTimeEntry", Method::PATCH, &time, json!({"note": "V"})),
        write("startTimer", Method::POST, "/projekt/api/time-entries/start", json!({"issue_id": it.task["id"]})),
        write("stopTimer", Method::POST, "/projekt/api/time-entries/stop", json!({})),
        write("deleteTimeEntry", Method::DELETE, &time, Value::Null),
        write("deleteIssue", Method::DELETE, &issue, Value::Null),
        write("deleteSprint", Method::DELETE, &sprint, Value::Null),
        write("deleteProject", Method::DELETE, &doomed, Value::Null),
    ]
}

fn generic(ids: &[String; 3]) -> Vec<Write> {
    let [project, doomed, task] = ids;
    let at = |list: &str, id: &str| format!("/generic/v1/{list}/{id}");
    let task = at("tasks", task);
    vec![
        write("createProject", Method::POST, "/generic/v1/projects", json!({"name": "N"})),
        write("updateProject", Method::PUT, at("projects", project), json!({"name": "U"})),
        write("createTask", Method::POST, "/generic/v1/tasks", json!({"project_id": project, "title": "N"})),
        write("updateTask", Method::PUT, &task, json!({"title": "U", "status": "completed"})),
        write("deleteTask", Method::DELETE, &task, Value::Null),
        write("deleteProject", Method::DELETE, at("projects", doomed), Value::Null),
    ]
}

struct World {
    server: Server,
    pool: PgPool,
}

impl World {
    /// The newest of an API's things as it calls them: its ids are its own.
    async fn newest(&self, list: &str, name: &str, wanted: &Value) -> String {
        let found = self.server.get(&format!("/generic/v1/{list}?limit=100")).await.json();
        let one = found["data"].as_array().expect("a list").iter().find(|one| &one[name] == wanted);
        one.unwrap_or_else(|| panic!("{list} has no {wanted}: {found}"))["id"].as_str().expect("an id").to_owned()
    }

    async fn writes(&self, dialect: &str) -> Vec<Write> {
        let it = Things::new(&self.server).await;
        match dialect {
            "ikreo" => ikreo(&it),
            "krokanti" => krokanti(&it),
            "projekt" => projekt(&it),
            "generic" => {
                // Titles tell them apart.
                let named = |name: &str| json!(format!("{name} of generic"));
                for (path, name) in [("projects", "P"), ("projects", "Doomed")] {
                    self.server.made(&format!("/v1/{path}"), json!({"name": named(name)})).await;
                }
                let task = json!({"project_id": it.project["id"], "title": named("T")});
                self.server.made("/v1/tasks", task).await;
                generic(&[
                    self.newest("projects", "name", &named("P")).await,
                    self.newest("projects", "name", &named("Doomed")).await,
                    self.newest("tasks", "title", &named("T")).await,
                ])
            }
            _ => Vec::new(),
        }
    }

    async fn send(&self, token: &str, write: &Write, asked: &str) -> Answer {
        let joined = if asked.is_empty() {
            String::new()
        } else {
            format!("{}{asked}", if write.path.contains('?') { "&" } else { "?" })
        };
        let request = ask(&self.server.url, token, write.method.clone(), &format!("{}{joined}", write.path));
        send(if write.body.is_null() { request } else { request.json(&write.body) }).await
    }

    /// How many events there are, and commands kept for repetition, but for what the server says by itself.
    async fn stored(&self) -> (i64, i64) {
        let sql = "select (select count(*) from log.events where metadata->>'dialect' <> 'docket'), \
                   (select count(*) from log.receipts)";
        sqlx::query_as(sql).fetch_one(&self.pool).await.expect("a count")
    }

    /// What came through an API until a position, oldest first: positions, types, and the keys that were used.
    async fn came_through(&self, dialect: &str, until: &str) -> Vec<(i64, String, String)> {
        let path = format!("/v1/audit?dialect={dialect}&sort=position&limit=200");
        // Another key's writes are seen when they are asked for.
        let mut asked = self.server.ask(Method::GET, &path);
        if !until.is_empty() {
            asked = asked.header("Docket-Min-Position", until);
        }
        let page = send(asked).await.json();
        let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let events = page["data"].as_array().expect("a list").iter();
        events.map(|one| (one["position"].as_i64().expect("one"), text(one, "type"), text(one, "key_id"))).collect()
    }
}

/// The operations of an API that write, as its document has them: people's own are refused to keys.
fn promised(mount: &str) -> BTreeSet<String> {
    let (_, document) = docket_api::dialects::documents().into_iter().find(|(at, _)| *at == mount).expect("a document");
    let operations =
        document["paths"].as_object().expect("paths").values().filter_map(|path| path.as_object()).flatten();
    let writes = operations.filter(|(method, operation)| {
        let refused = operation["summary"].as_str().is_some_and(|text| text.starts_with("For people"));
        ["post", "put", "patch", "delete"].contains(&method.as_str()) && !refused
    });
    writes.map(|(_, operation)| operation["operationId"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rehearsed_is_what_happens_and_once() {
    let server = Server::start().await;
    let pool = PgPool::connect(&server.db.url).await.expect("the database");
    let world = World { server, pool };
    for (mount, _) in docket_api::dialects::documents() {
        let dialect = mount.trim_start_matches('/');
        let key = world.server.workspace.keys.iter().find(|key| key.format == dialect).expect("a key of that form");
        let (token, key) = (key.token.clone(), key.id.to_string());
        let writes = world.writes(dialect).await;
        let told: BTreeSet<String> = writes.iter().map(|write| write.id.to_owned()).collect();
        assert_eq!(told, promised(mount), "{mount}");
        let mut before = world.came_through(dialect, "").await;
        for write in writes {
            let stored = world.stored().await;
            let refused = world.send(&token, &write, "dry_run=maybe").await;
            assert!(refused.status.is_client_error(), "{mount} {}: {}", write.id, refused.text);
            let rehearsed = world.send(&token, &write, "dry_run=true").await;
            assert_eq!(rehearsed.status, StatusCode::OK, "{mount} {}: {}", write.id, rehearsed.text);
            let rehearsed = rehearsed.json();
            assert_eq!(rehearsed["dry_run"], true, "{mount} {}: {rehearsed}", write.id);
            assert_eq!(world.stored().await, stored, "{mount} {}: a rehearsal is stored", write.id);

            let done = world.send(&token, &write, "").await;
            assert!(done.status.is_success(), "{mount} {}: {}", write.id, done.text);
            let since = world.came_through(dialect, done.header("docket-position")).await;
            assert_eq!(since[..before.len()], before, "{mount} {}: history has changed", write.id);
            let happened: Vec<_> = since[before.len()..].iter().map(|(_, what, _)| what.as_str()).collect();
            let events = rehearsed["events"].as_array().expect("events").iter();
            let foretold: Vec<_> = events.map(|event| event["type"].as_str().expect("a type")).collect();
            assert_eq!(happened, foretold, "{mount} {}", write.id);
            assert!(!happened.is_empty(), "{mount} {} does nothing", write.id);
            assert!(since[before.len()..].iter().all(|(.., with)| *with == key), "{mount} {}: {since:?}", write.id);
            before = since;
        }
    }
    every_event_came_through_one(&world).await;
}

/// What came through each, together, is all there is.
async fn every_event_came_through_one(world: &World) {
    let mine = world.server.workspace.workspace_id.0;
    let sql = "select metadata->>'dialect', count(*) from log.events where workspace = $1 \
               and metadata->>'dialect' <> 'docket' group by 1";
    let stored: Vec<(String, i64)> =
        sqlx::query_as(sql).bind(mine).fetch_all(&world.pool).await.expect("what is stored");
    for (dialect, count) in &stored {
        let seen = world.came_through(dialect, "").await;
        let positions: BTreeSet<i64> = seen.iter().map(|(position, ..)| *position).collect();
        assert_eq!((seen.len() as i64, positions.len() as i64), (*count, *count), "{dialect}");
    }
    let known: BTreeSet<&str> = stored.iter().map(|(dialect, _)| dialect.as_str()).collect();
    assert_eq!(known, BTreeSet::from(["bootstrap", "native", "ikreo", "krokanti", "projekt", "generic"]));
}
