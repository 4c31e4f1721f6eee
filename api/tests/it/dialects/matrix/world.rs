//! A server on which the matrix is walked along.

use std::collections::HashMap;

use docket_api::auth::token::Format;
use futures::future::join_all;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Map, Value, json};

use super::doors::{Door, Field, doors};
use super::form::spelled;
use super::things::{self, Life};
use crate::server::{Answer, Server, send};

/// A server with a key for every API, and one of everything that others refer to.
pub struct World {
    server: Server,
    client: Client,
    /// As far as the last write came: each API has a key of its own.
    position: String,
    /// The ids behind `$words`.
    pub known: HashMap<&'static str, String>,
    /// The numbers of everything.
    numbers: HashMap<String, i64>,
}

impl World {
    pub async fn new() -> Self {
        let server = Server::start_with(|config| config.read_connections = 8).await;
        let owner = server.workspace.owner_id.0.to_string();
        let mut world = Self {
            server,
            client: Client::new(),
            position: String::new(),
            known: [("owner", owner.clone())].into(),
            numbers: [(owner, 1)].into(),
        };
        for (word, path, body) in [
            ("project", "/v1/projects", json!({"name": "Shared"})),
            ("other", "/v1/projects", json!({"name": "Other"})),
            ("old", "/v1/projects", json!({"name": "Old"})),
            ("task", "/v1/tasks", json!({"title": "Parent", "project_id": "$project"})),
            ("sprint", "/v1/sprints", json!({"name": "Sprint", "project_id": "$project"})),
            ("past", "/v1/sprints", json!({"name": "Past", "project_id": "$project"})),
            ("member", "/v1/members", json!({"name": "Ada", "email": "ada@example.com"})),
            ("label", "/v1/labels", json!({"name": "Urgent"})),
            ("space", "/v1/spaces", json!({"name": "Here"})),
            ("customer", "/v1/customers", json!({"name": "Acme"})),
        ] {
            let made = world.send("native", &Method::POST, path, Some(&world.filled(body, ""))).await.json();
            let id = world.learn(&made);
            world.known.insert(word, id);
        }
        world
    }

    /// Remembers the number of something.
    fn learn(&mut self, native: &Value) -> String {
        let (id, number) = (native["id"].as_str(), native["number"].as_i64());
        let id = id.unwrap_or_else(|| panic!("{native}")).to_owned();
        self.numbers.insert(id.clone(), number.expect("a number"));
        id
    }

    /// With ids for `$words`, and this for `$name`.
    pub fn filled(&self, value: Value, name: &str) -> Value {
        match value {
            Value::String(text) if text == "$name" => json!(name),
            Value::String(text) => json!(text.strip_prefix('$').map_or(&text, |word| &self.known[word])),
            Value::Array(all) => all.into_iter().map(|one| self.filled(one, name)).collect(),
            Value::Object(all) => all.into_iter().map(|(key, one)| (key, self.filled(one, name))).collect(),
            other => other,
        }
    }

    async fn ask(&self, api: &str, method: &Method, path: &str, body: Option<&Value>) -> Answer {
        let mut keys = self.server.workspace.keys.iter();
        let key = keys.find(|key| key.format == Format::named(api).expect("a form").name()).expect("a key");
        let request = self.client.request(method.clone(), format!("{}{path}", self.server.url));
        let mut request = request.bearer_auth(&key.token);
        if !self.position.is_empty() {
            request = request.header("Docket-Min-Position", &self.position);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        send(request).await
    }

    /// The answer to a request with the API's own key.
    pub async fn send(&mut self, api: &str, method: &Method, path: &str, body: Option<&Value>) -> Answer {
        let answer = self.ask(api, method, path, body).await;
        if !answer.header("docket-position").is_empty() {
            answer.header("docket-position").clone_into(&mut self.position);
        }
        answer
    }

    /// The id of something where this door leads.
    fn id(&self, door: &Door, native: &Value) -> Value {
        spelled(door.api, door.kind, native["id"].as_str().expect("an id"), &self.numbers)
    }

    /// Where this door shows it by itself.
    pub fn path(&self, door: &Door, native: &Value) -> String {
        let id = self.id(door, native);
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        door.one.expect("a path").replace("{id}", &id)
    }

    /// What this door shows of something: among all, or by itself.
    pub async fn seen(&self, door: &Door, native: &Value, among_all: bool) -> Value {
        let path = match door.one {
            Some(_) if !among_all => self.path(door, native),
            _ => ["project", "task"].into_iter().fold(door.list.to_owned(), |path, word| {
                let id = spelled(door.api, word, &self.known[word], &self.numbers);
                path.replace(&format!("{{{word}}}"), &id.to_string())
            }),
        };
        let answer = self.ask(door.api, &Method::GET, &path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        let id = self.id(door, native);
        match unpacked(answer.json()) {
            Value::Array(all) => {
                all.into_iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("{id} at {path}"))
            }
            one => one,
        }
    }

    /// Every door of the kind shows the thing in its own words.
    pub async fn all_see(&self, doors: &[&Door], native: &Value, among_all: bool, why: &str) {
        join_all(doors.iter().map(async |door| {
            let seen = self.seen(door, native, among_all).await;
            for field in &door.fields {
                let expected = self.theirs(door, field, &native[field.ours]);
                assert_eq!(seen.get(field.theirs), Some(&expected), "{} of {} {why}", field.theirs, door.api);
            }
        }))
        .await;
    }

    /// What they say here for what we say.
    pub fn theirs(&self, door: &Door, field: &Field, ours: &Value) -> Value {
        field.form.theirs(door.api, field.ours, ours, &self.numbers)
    }

    /// The native document of what has just been made.
    pub async fn newest(&mut self, native: &Door) -> Value {
        let path = format!("{}?sort=-number&limit=1", native.list);
        let found = unpacked(self.ask(native.api, &Method::GET, &path, None).await.json())[0].clone();
        self.learn(&found);
        found
    }

    /// Makes one through a door, of what can be said there.
    pub async fn make(&mut self, doors: &[&Door], writer: &Door) -> Value {
        let wanted = self.filled(things::made(writer.kind), &format!("Made through {}", writer.api));
        let said = writer.fields.iter().filter(|field| field.made && !wanted[field.ours].is_null());
        let body = said.clone().map(|field| (field.theirs.to_owned(), self.theirs(writer, field, &wanted[field.ours])));
        let body = Value::Object(body.collect::<Map<_, _>>());
        let answer = self.send(writer.api, &Method::POST, writer.list, Some(&body)).await;
        assert!(answer.status.is_success(), "{} {body}: {}", writer.list, answer.text);
        let made = self.newest(doors[0]).await;
        let shown = unpacked(answer.json());
        let shown = if shown.is_array() { &shown[0] } else { &shown };
        assert_eq!(shown["id"], self.id(writer, &made), "{}", writer.list);
        for field in said {
            assert_eq!(made[field.ours], wanted[field.ours], "{} of {}", field.theirs, writer.api);
        }
        made
    }

    /// Makes one natively and lets happen to it what does; answers its document.
    pub async fn live(&mut self, native: &Door, life: Life) -> Value {
        let body = self.filled(life.made, "Rich");
        let made = self.send("native", &Method::POST, life.at.unwrap_or(native.list), Some(&body)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{body}: {}", made.text);
        let made = self.newest(native).await;
        self.known.insert("it", made["id"].as_str().expect("an id").to_owned());
        for (method, path, body) in life.then {
            let step = |step: &str| step.strip_prefix('$').map_or(step.to_owned(), |word| self.known[word].clone());
            let path = path.split('/').map(step).collect::<Vec<_>>().join("/");
            let answer = self.send("native", &method, &path, Some(&body)).await;
            assert!(answer.status.is_success(), "{path}: {}", answer.text);
        }
        self.seen(native, &made, false).await
    }

    /// Writes all of one through a door.
    pub async fn write(&mut self, door: &Door, way: &Method, native: &Value, all: &Value) {
        let path = self.path(door, native);
        let answer = self.send(door.api, way, &path, Some(all)).await;
        assert_eq!(answer.status, StatusCode::OK, "{way} {path} {all}: {}", answer.text);
    }

    /// Changes one member through a door; answers the native document afterwards.
    pub async fn change(&mut self, writer: &Door, way: &Method, now: &Value, field: &Field, said: &Value) -> Value {
        self.write(writer, way, now, &json!({field.theirs: said})).await;
        let native = doors().into_iter().find(|door| door.kind == writer.kind).expect("a door");
        self.seen(&native, now, false).await
    }
}

/// The resource or the list within whatever envelope.
fn unpacked(mut body: Value) -> Value {
    for name in ["data", "items"] {
        if body.get(name).is_some() {
            return body[name].take();
        }
    }
    body
}
