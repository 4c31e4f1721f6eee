//! Every API sees what every other one did: the same things, in its own words.

use docket_api::auth::token::Format;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{Answer, Server, ask, send};

/// Where an API has tasks, and what it calls what.
struct Api {
    name: &'static str,
    format: Format,
    /// The path of one task, from its id.
    one: fn(&str) -> String,
    /// Where tasks are created, and the body that does so.
    create: Option<(&'static str, fn(&Ids, &str) -> Value)>,
    /// How a task is changed.
    change: Option<Method>,
    /// The task within the answer.
    task: fn(&Value) -> &Value,
    /// Members: title, status, priority, due date.
    names: [&'static str; 4],
    /// Words for the native ones, if they differ.
    words: &'static [(&'static str, &'static str)],
}

/// A project's id in all forms.
struct Ids {
    uuid: String,
    number: i64,
    prefixed: String,
}

fn whole(body: &Value) -> &Value {
    body
}

fn data(body: &Value) -> &Value {
    &body["data"]
}

const SNAKE: [&str; 4] = ["title", "status", "priority", "due_date"];
const CAMEL: [&str; 4] = ["title", "status", "priority", "dueDate"];

fn apis() -> Vec<Api> {
    let all = vec![
        Api {
            name: "native",
            format: Format::Native,
            one: |id| format!("/v1/tasks/{id}"),
            create: Some(("/v1/tasks", |ids, title| json!({"project_id": ids.uuid, "title": title}))),
            change: Some(Method::PATCH),
            task: whole,
            names: SNAKE,
            words: &[],
        },
        Api {
            name: "ikreo",
            format: Format::Ikreo,
            one: |id| format!("/ikreo/api.php?endpoint=tasks&id={id}"),
            create: Some((
                "/ikreo/api.php?endpoint=tasks",
                |ids, title| json!({"project_id": ids.number, "title": title}),
            )),
            change: Some(Method::PUT),
            task: data,
            names: SNAKE,
            words: &[
                ("backlog", "pending"),
                ("todo", "pending"),
                ("in_progress", "progress"),
                ("in_review", "qa"),
                ("cancelled", "done"),
                ("duplicate", "done"),
                ("low", "baja"),
                ("medium", "media"),
                ("high", "alta"),
                ("urgent", "urgente"),
            ],
        },
        Api {
            name: "krokanti",
            format: Format::Krokanti,
            one: |id| format!("/krokanti/api/tasks/{id}"),
            create: Some(("/krokanti/api/tasks", |ids, title| json!({"projectId": ids.uuid, "title": title}))),
            change: Some(Method::PATCH),
            task: whole,
            names: CAMEL,
            words: &[],
        },
        Api {
            name: "pike",
            format: Format::Pike,
            one: |id| format!("/pike/tasks/{id}"),
            create: None,
            change: None,
            task: whole,
            names: CAMEL,
            words: &[("todo", "toDo"), ("in_progress", "inProgress"), ("in_review", "inReview")],
        },
        Api {
            name: "projekt",
            format: Format::Projekt,
            one: |id| format!("/projekt/api/issues/{id}"),
            create: Some(("/projekt/api/issues", |ids, title| json!({"project_id": ids.uuid, "title": title}))),
            change: Some(Method::PUT),
            task: whole,
            names: SNAKE,
            words: &[
                ("backlog", "Backlog"),
                ("todo", "To Do"),
                ("in_progress", "In Progress"),
                ("in_review", "In Review"),
                ("done", "Done"),
                ("cancelled", "Cancelled"),
                ("duplicate", "Duplicate"),
            ],
        },
        Api {
            name: "generic",
            format: Format::Generic,
            one: |id| format!("/generic/v1/tasks/{id}"),
            create: Some(("/generic/v1/tasks", |ids, title| json!({"project_id": ids.prefixed, "title": title}))),
            change: Some(Method::PUT),
            task: data,
            names: SNAKE,
            words: &[("done", "completed")],
        },
    ];
    let there = |api: &Api| {
        api.name == "native"
            || docket_api::dialects::documents().iter().any(|(mount, _)| *mount == format!("/{}", api.name))
    };
    all.into_iter().filter(there).collect()
}

impl Api {
    fn word<'w>(&self, native: &'w str) -> &'w str {
        self.words.iter().find(|(own, _)| *own == native).map_or(native, |(_, theirs)| theirs)
    }

    /// What `none` is here.
    fn priority(&self, native: &str) -> Value {
        let nothing = native == "none" && ["ikreo", "projekt"].contains(&self.name);
        if nothing { Value::Null } else { self.word(native).into() }
    }
}

/// A test's server, with a key for every API.
struct World {
    server: Server,
    position: String,
}

impl World {
    fn key(&self, api: &Api) -> &str {
        let found = self.server.workspace.keys.iter().find(|key| key.format == api.format.name());
        &found.expect("a key").token
    }

    async fn send(&mut self, api: &Api, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = ask(&self.server.url, self.key(api), method, path);
        if !self.position.is_empty() {
            request = request.header("Docket-Min-Position", &self.position);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = send(request).await;
        if !answer.header("docket-position").is_empty() {
            answer.header("docket-position").clone_into(&mut self.position);
        }
        answer
    }

    /// The task in the words of an API, found by its id there.
    async fn seen(&mut self, api: &Api, id: &Value) -> Value {
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let answer = self.send(api, Method::GET, &(api.one)(&id), None).await;
        assert_eq!(answer.status, StatusCode::OK, "{}: {}", api.name, answer.text);
        (api.task)(&answer.json()).clone()
    }
}

/// A task's id in each API, from the native document.
fn id_for(api: &Api, native: &Value) -> Value {
    match api.name {
        "ikreo" => native["number"].clone(),
        "generic" => json!(format!("task_{}", base62(native["id"].as_str().expect("an id")))),
        _ => native["id"].clone(),
    }
}

fn base62(id: &str) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let id = id.parse::<uuid::Uuid>().expect("a UUID").as_u128();
    (0..22).rev().map(|place| char::from(DIGITS[(id / 62_u128.pow(place) % 62) as usize])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_through_one_api_is_seen_through_all() {
    let server = Server::start().await;
    let project = server.post("/v1/projects", json!({"name": "Shared"})).await.json();
    let uuid = project["id"].as_str().expect("an id").to_owned();
    let ids = Ids {
        prefixed: format!("proj_{}", base62(&uuid)),
        number: project["number"].as_i64().expect("a number"),
        uuid,
    };
    let mut world = World { server, position: String::new() };
    let apis = apis();
    let native = &apis[0];
    for writer in apis.iter().filter(|api| api.create.is_some()) {
        let (path, body) = writer.create.expect("it writes");
        let title = format!("Created through {}", writer.name);
        let created = world.send(writer, Method::POST, path, Some(&body(&ids, &title))).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}: {}", writer.name, created.text);
        let id = &(writer.task)(&created.json())["id"].clone();
        let listed = world.send(native, Method::GET, "/v1/tasks?limit=1", None).await.json();
        let own = listed["data"][0].clone();
        assert_eq!(id, &id_for(writer, &own), "{}", writer.name);

        for status in ["backlog", "in_progress", "in_review", "done", "cancelled", "duplicate", "todo"] {
            change_natively(&mut world, native, &own, status).await;
            for reader in &apis {
                let seen = world.seen(reader, &id_for(reader, &own)).await;
                assert_eq!(seen[reader.names[0]], title, "{}", reader.name);
                assert_eq!(seen[reader.names[1]], reader.word(status), "{}", reader.name);
                assert_eq!(seen[reader.names[2]], reader.priority("urgent"), "{}", reader.name);
                assert_eq!(seen[reader.names[3]], "2026-04-15", "{}", reader.name);
            }
        }
    }
}

async fn change_natively(world: &mut World, native: &Api, task: &Value, status: &str) {
    let path = (native.one)(task["id"].as_str().expect("an id"));
    let body = json!({"status": status, "priority": "urgent", "due_date": "2026-04-15"});
    let changed = world.send(native, Method::PATCH, &path, Some(&body)).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_and_is_written_back_changes_nothing() {
    let server = Server::start().await;
    let project = server.project("Shared").await;
    let mut world = World { server, position: String::new() };
    let apis = apis();
    let native = &apis[0];
    for status in ["backlog", "todo", "in_progress", "in_review", "done", "cancelled", "duplicate"] {
        for priority in ["none", "low", "medium", "high", "urgent"] {
            let body = json!({"project_id": project, "title": "T", "status": status, "priority": priority,
                "description": "Some *words*", "start_date": "2026-01-01", "due_date": "2026-02-28"});
            let made = world.send(native, Method::POST, "/v1/tasks", Some(&body)).await.json();
            for api in apis.iter().filter(|api| api.change.is_some()) {
                let id = id_for(api, &made);
                let seen = world.seen(api, &id).await;
                let text = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                let members = seen.as_object().expect("an object").clone();
                // The native API refuses what nobody may set; the others pass it over, as they do it.
                let mut back = Value::Object(members);
                if api.name == "native" {
                    back = json!({"title": seen["title"], "status": seen["status"], "priority": seen["priority"]});
                }
                let written =
                    world.send(api, api.change.clone().expect("it writes"), &(api.one)(&text), Some(&back)).await;
                assert_eq!(written.status, StatusCode::OK, "{} {status} {priority}: {}", api.name, written.text);
            }
            let after = world.seen(native, &made["id"]).await;
            assert_eq!(after, made, "{status} {priority}");
        }
    }
}
