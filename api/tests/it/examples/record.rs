//! What was asked and answered, without what is different each time: ids, the present time, secrets.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, Utc};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::server::{Answer, Server, send};

/// Stands for the present.
const NOW: &str = "2026-03-02T09:00:00.000000Z";
/// What tokens begin with.
const KEY: &str = "dkt_live_";
/// No list is shown longer.
const MOST: usize = 3;

/// One operation, asked and answered.
#[derive(Serialize, Deserialize, PartialEq)]
pub struct Example {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<Value>,
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Value>,
}

/// Asks a server, and keeps the first answer of each operation.
pub struct Recorder {
    server: Server,
    /// (method, path, id) of each operation.
    operations: Vec<(String, String, String)>,
    /// In the order in which they were asked.
    examples: Vec<(String, Example)>,
    /// What is done besides with each request, if anything.
    watch: Watch,
    /// What was read, if that is watched.
    pub read: Vec<Read>,
}

/// What is done with each request besides asking it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    Nothing,
    /// Every GET is remembered with its moment.
    Reads,
    /// Every command is tried first, and compared with what it then does.
    Writes,
}

/// What a GET answered, and when: after which event.
pub struct Read {
    pub operation: String,
    pub path: String,
    pub position: i64,
    pub answer: Value,
}

impl Recorder {
    pub async fn start(watch: Watch) -> Self {
        let document = docket_api::router::document().to_json().expect("a document");
        let document: Value = serde_json::from_str(&document).expect("JSON");
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                if let Some(id) = operation["operationId"].as_str() {
                    operations.push((method.to_uppercase(), path.clone(), id.to_owned()));
                }
            }
        }
        let server = Server::start().await;
        Self { server, operations, examples: Vec::new(), watch, read: Vec::new() }
    }

    /// Asks; answers the answer.
    pub async fn ask(&mut self, method: Method, path: &str, body: Option<Value>) -> Value {
        let operation = self.operation(&method, path.split('?').next().unwrap_or(path));
        let answer = match self.watch {
            Watch::Reads if method == Method::GET => self.remember(&operation, path).await,
            Watch::Writes if method != Method::GET => self.rehearse(method.clone(), path, body.as_ref()).await,
            _ => self.send(method.clone(), path, body.as_ref()).await,
        };
        assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.text);
        let json = if answer.text.is_empty() { None } else { serde_json::from_str(&answer.text).ok() };
        let shown = json.clone().unwrap_or_default();
        if !self.examples.iter().any(|(known, _)| *known == operation) {
            let status = answer.status.as_str().to_owned();
            self.examples.push((operation, Example { request: body, status, answer: json }));
        }
        shown
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = self.server.ask(method, path);
        match body {
            Some(body) => send(request.json(body)).await,
            None => send(request).await,
        }
    }

    /// Asks when nothing else happens, so that the moment is known.
    async fn remember(&mut self, operation: &str, path: &str) -> Answer {
        loop {
            let before = self.head().await;
            let answer = self.send(Method::GET, path, None).await;
            if self.head().await == before {
                let (operation, path) = (operation.to_owned(), path.to_owned());
                self.read.push(Read { operation, path, position: before, answer: answer.json() });
                return answer;
            }
        }
    }

    async fn head(&self) -> i64 {
        let newest = self.server.get("/v1/audit?limit=1").await.json();
        newest["data"][0]["position"].as_i64().unwrap_or(0)
    }

    /// Tries a command, which stores nothing, and then does it: it comes to what it was said to.
    async fn rehearse(&mut self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let joined = if path.contains('?') { '&' } else { '?' };
        let tried = self.send(method.clone(), &format!("{path}{joined}dry_run=true"), body).await;
        let said = tried.json();
        assert_eq!((tried.status.as_u16(), &said["dry_run"]), (200, &Value::Bool(true)), "{path}: {}", tried.text);
        assert_eq!(self.done_by(&tried).await, Vec::<String>::new(), "{method} {path} stores what it only tries");
        let done = self.send(method.clone(), path, body).await;
        let what = |event: &Value| format!("{} {}", event["kind"], event["type"]);
        let mut events: Vec<_> = said["events"].as_array().expect("events").iter().map(what).collect();
        let mut happened = self.done_by(&done).await;
        // One more may have been told meanwhile.
        if path.ends_with("/read-all") {
            events.dedup();
            happened.dedup();
        }
        assert_eq!(happened, events, "{method} {path}: {}", done.text);
        done
    }

    /// Which events a request has led to, in order.
    async fn done_by(&self, answer: &Answer) -> Vec<String> {
        let request = answer.header("x-request-id");
        assert!(!request.is_empty(), "a request has no name");
        let page = self.server.get(&format!("/v1/audit?request_id={request}&sort=position&limit=200")).await.json();
        let events = page["data"].as_array().expect("events").iter();
        // What is told because of it is told by nobody's command.
        let commanded = events.filter(|event| event["actor"]["type"] != "system");
        commanded.map(|event| format!("{} {}", event["kind"], event["type"])).collect()
    }

    /// A POST that may fail.
    pub async fn try_to(&self, path: &str) -> Answer {
        self.send(Method::POST, path, None).await
    }

    /// Asks again.
    pub async fn again(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    fn operation(&self, method: &Method, path: &str) -> String {
        let suits = |template: &str| {
            let (mut own, mut other) = (path.split('/'), template.split('/'));
            own.by_ref()
                .zip(other.by_ref())
                .all(|(own, other)| own == other || other.starts_with('{') && own.parse::<Uuid>().is_ok())
                && template.split('/').count() == path.split('/').count()
        };
        let operation = self.operations.iter().find(|(of, template, _)| of == method.as_str() && suits(template));
        operation.map_or_else(|| panic!("{method} {path} is no operation"), |(.., id)| id.clone())
    }

    /// The examples, as they can be shown.
    pub fn finish(self) -> BTreeMap<String, Example> {
        let mut plain = Plain::default();
        let examples = self.examples.into_iter().map(|(operation, mut example)| {
            for value in [&mut example.request, &mut example.answer].into_iter().flatten() {
                plain.make(value);
            }
            (operation, example)
        });
        examples.collect()
    }
}

/// Puts something else in place of what is different each time.
#[derive(Default)]
struct Plain {
    ids: HashMap<String, String>,
}

impl Plain {
    fn make(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.truncate(MOST);
                for item in items {
                    self.make(item);
                }
            }
            Value::Object(members) => {
                let is_event = members.contains_key("recorded_at");
                for (name, member) in members.iter_mut() {
                    match name.as_str() {
                        // Notifications are sent meanwhile, by nobody's request.
                        "position" if is_event => *member = 42.into(),
                        "token" if member.is_string() => *member = format!("{KEY}…").into(),
                        "next_cursor" if member.is_string() => *member = "WyIyMDI2LTAz…".into(),
                        // A timer was stopped at once, give or take a second.
                        "duration_seconds" if member.as_i64().is_some_and(|seconds| seconds < 60) => *member = 1.into(),
                        "last_seen_at" | "last_used_at" => *member = NOW.into(),
                        "online" => *member = true.into(),
                        _ => self.make(member),
                    }
                }
            }
            Value::String(text) => {
                if let Some(plain) = self.text(text) {
                    *text = plain;
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) -> Option<String> {
        if text.parse::<Uuid>().is_ok() {
            let next = format!("0a1b2c3d-0000-4000-8000-{:012}", self.ids.len() + 1);
            return Some(self.ids.entry(text.to_owned()).or_insert(next).clone());
        }
        if text.starts_with("whsec_") {
            return Some("whsec_…".to_owned());
        }
        if text.starts_with(KEY) {
            return Some(format!("{KEY}4fTq81LmZx"));
        }
        let today = Utc::now().date_naive();
        // A number in the series of a year.
        if let Some(number) = text.strip_prefix(&format!("{}-", today.format("%Y"))).filter(|rest| rest.len() == 4) {
            return Some(format!("2026-{number}"));
        }
        let now = [Some(today), today.checked_sub_days(Days::new(1)), today.checked_add_days(Days::new(1))];
        let (start, rest) = text.split_at_checked(10)?;
        if now.iter().flatten().any(|day| day.to_string() == start) {
            return Some(if rest.is_empty() { &NOW[..10] } else { NOW }.to_owned());
        }
        None
    }
}
