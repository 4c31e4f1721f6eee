//! What was asked and answered.

use std::collections::BTreeMap;

use docket_api::config::Role;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::plain::Plain;
use super::refusals::{self, Operation, Refusals};
use crate::harness;
use crate::server::{Answer, Server, send};

/// The headers that the document explains and that answers have or have not; those of all answers alike are not recorded.
const HEADERS: [&str; 3] = ["ETag", "Location", "Docket-Position"];

/// One operation, asked and answered.
#[derive(Default, Serialize, Deserialize, PartialEq)]
#[serde(default)]
pub struct Example {
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Value>,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    texts: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    headers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tried: Option<Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    problems: BTreeMap<String, Vec<String>>,
}

/// All of it, as the document is given it.
#[derive(Serialize, Deserialize)]
pub struct Record {
    pub operations: BTreeMap<String, Example>,
    everywhere: BTreeMap<String, Vec<String>>,
    pub problems: BTreeMap<String, Value>,
}

/// Asks a server, and keeps the first answer of each operation.
pub struct Recorder {
    pub server: Server,
    operations: Vec<Operation>,
    /// How operations refuse, if that is watched.
    refusals: Option<Refusals>,
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
    /// Every operation is asked wrongly, in every way, before it is asked for the first time.
    Refusals,
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
                    let (method, path) = (method.to_uppercase(), path.clone());
                    operations.push(Operation { method, path, id: id.to_owned(), value: operation.clone() });
                }
            }
        }
        // What is named is found before what fits any name.
        operations.sort_by_key(|operation| operation.path.matches('{').count());
        let key = harness::scratch_file("audit.key", "").with_file_name("examples.key");
        docket_api::signing::read_or_make(&key).expect("a key");
        let server = Server::start_with(|config| {
            // Who is told of what depends on how soon: where answers are compared, nobody is.
            if watch == Watch::Nothing {
                config.roles = vec![Role::Api, Role::Projector];
            }
            config.audit_key = Some(key);
            config.webhook_networks = vec!["127.0.0.0/8".parse().expect("a network")];
        });
        let server = server.await;
        let refusals = if watch == Watch::Refusals { Some(Refusals::begin(&server).await) } else { None };
        Self { server, operations, refusals, examples: Vec::new(), watch, read: Vec::new() }
    }

    /// Asks; answers the answer.
    pub async fn ask(&mut self, method: Method, path: &str, body: Option<Value>) -> Value {
        let operation = self.operation(&method, path.split('?').next().unwrap_or(path)).clone();
        let is_new = !self.examples.iter().any(|(known, _)| *known == operation.id);
        let (mut tried, mut problems) = (None, BTreeMap::new());
        if is_new && let Some(refusals) = &mut self.refusals {
            problems = refusals.of(&self.server, &operation, path, body.as_ref()).await;
            tried = refusals::try_out(&self.server, &operation, path, body.as_ref()).await;
        }
        let answer = match self.watch {
            Watch::Reads if method == Method::GET => self.remember(&operation.id, path).await,
            Watch::Writes if method != Method::GET => self.rehearse(method.clone(), path, body.as_ref()).await,
            _ => self.send(method.clone(), path, body.as_ref()).await,
        };
        assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.text);
        let json = if answer.text.is_empty() { None } else { serde_json::from_str(&answer.text).ok() };
        let shown = json.clone().unwrap_or_default();
        if is_new {
            let headers = HEADERS.into_iter().filter(|name| !answer.header(name).is_empty());
            let headers = headers.map(str::to_owned).collect();
            let (status, texts) = (answer.status.as_str().to_owned(), BTreeMap::new());
            let example = Example { request: body, status, answer: json, texts, headers, tried, problems };
            self.examples.push((operation.id, example));
        }
        shown
    }

    /// Keeps a text as what an operation answers in another form than JSON.
    pub async fn keep(&mut self, path: &str, kind: &str, text: String) {
        let operation = self.operation(&Method::GET, path.split('?').next().unwrap_or(path)).clone();
        if !self.examples.iter().any(|(known, _)| *known == operation.id) {
            let problems = match &mut self.refusals {
                Some(refusals) => refusals.of(&self.server, &operation, path, None).await,
                None => BTreeMap::new(),
            };
            let example = Example { status: "200".to_owned(), problems, ..Example::default() };
            self.examples.push((operation.id.clone(), example));
        }
        let known = self.examples.iter_mut().find(|(known, _)| *known == operation.id);
        known.expect("it is there now").1.texts.insert(kind.to_owned(), text);
    }

    /// Asks for what is not there, or what the present state does not allow.
    pub async fn refused(&mut self, method: Method, path: &str, body: Option<Value>) {
        let answer = self.send(method.clone(), path, body.as_ref()).await;
        let operation = self.operation(&method, path.split('?').next().unwrap_or(path)).clone();
        let Some(name) = self.refusals.as_mut().and_then(|refusals| refusals.refusal(&operation, &answer)) else {
            return;
        };
        let example = self.examples.iter_mut().find(|(known, _)| *known == operation.id);
        let (_, example) = example.unwrap_or_else(|| panic!("{} was not asked rightly before", operation.id));
        let names = example.problems.entry(answer.status.as_str().to_owned()).or_default();
        if !names.contains(&name) {
            names.push(name);
        }
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

    fn operation(&self, method: &Method, path: &str) -> &Operation {
        let fits = |own: &str, other: &str| match other {
            "{resource}" => true,
            "{position}" => own.parse::<u64>().is_ok(),
            _ => own == other || other.starts_with('{') && own.parse::<Uuid>().is_ok(),
        };
        let suits = |template: &str| {
            template.split('/').count() == path.split('/').count()
                && path.split('/').zip(template.split('/')).all(|(own, other)| fits(own, other))
        };
        let found = self.operations.iter().find(|one| one.method == method.as_str() && suits(&one.path));
        found.unwrap_or_else(|| panic!("{method} {path} is no operation"))
    }

    /// The examples, as they can be shown.
    pub fn finish(self) -> Record {
        let mut plain = Plain::default();
        let operations = self.examples.into_iter().map(|(operation, mut example)| {
            for value in [&mut example.request, &mut example.answer, &mut example.tried].into_iter().flatten() {
                plain.make(value);
            }
            for (kind, text) in &mut example.texts {
                *text = plain.lines(kind, text);
            }
            (operation, example)
        });
        let operations = operations.collect();
        let (everywhere, mut problems) = self.refusals.map(Refusals::finish).unwrap_or_default();
        for problem in problems.values_mut() {
            plain.make(problem);
        }
        Record { operations, everywhere, problems }
    }
}
