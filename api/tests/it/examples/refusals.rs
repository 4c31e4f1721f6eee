//! How operations refuse: each is asked wrongly in all the ways its document speaks of.

use std::collections::BTreeMap;

use docket_api::problem::Problem;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::server::{Answer, Server, ask, send};

/// No resource's id.
const NOBODY: &str = "0a1b2c3d-0000-4000-8000-00000000ffff";
/// More bytes than any body may have.
const TOO_MANY: usize = 4 * 1024 * 1024 + 1;

/// One operation, as the document has it.
#[derive(Clone)]
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub value: Value,
}

impl Operation {
    fn reads(&self) -> bool {
        self.method == "GET"
    }

    fn takes(&self, name: &str) -> bool {
        self.value["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["name"] == name)
    }
}

/// What was refused so far, and how: the same words only once.
pub struct Refusals {
    problems: BTreeMap<String, Value>,
    everywhere: BTreeMap<String, Vec<String>>,
    /// A key that is good for nothing that any operation takes.
    useless: String,
    /// What was answered otherwise than the document says.
    otherwise: Vec<String>,
}

impl Refusals {
    /// Begins with what every operation may answer at a time, and none does when it is asked to.
    pub async fn begin(server: &Server) -> Self {
        let minted = server.post("/v1/keys", json!({"label": "import", "scopes": ["import"]})).await.json();
        let useless = minted["token"].as_str().expect("a token").to_owned();
        let mut refusals =
            Self { problems: BTreeMap::new(), everywhere: BTreeMap::new(), useless, otherwise: Vec::new() };
        refusals.everywhere("429", too_many().await);
        for error in [docket_commands::Error::Contended, docket_commands::Error::Unavailable("busy".to_owned())] {
            let problem = Problem::from(error);
            let body = serde_json::from_slice(&problem.body("nightly-42")).expect("JSON");
            refusals.everywhere(problem.status.as_str(), body);
        }
        refusals
    }

    fn everywhere(&mut self, status: &str, problem: Value) {
        let name = self.name(problem);
        self.everywhere.insert(status.to_owned(), vec![name]);
    }

    /// What a problem is called: by its code, and with a number if others with this code say something else.
    fn name(&mut self, mut problem: Value) -> String {
        problem["request_id"] = "nightly-42".into();
        let code = problem["code"].as_str().expect("a code").to_owned();
        let numbers = (2..).map(|number| format!("{code}-{number}"));
        let mut names = std::iter::once(code.clone()).chain(numbers);
        let name = names.find(|name| self.problems.get(name).is_none_or(|known| *known == problem));
        let name = name.expect("numbers have no end");
        self.problems.insert(name.clone(), problem);
        name
    }

    /// What an operation answers to what is wrong with a request: names of problems by status.
    pub async fn of(
        &mut self,
        server: &Server,
        operation: &Operation,
        path: &str,
        body: Option<&Value>,
    ) -> BTreeMap<String, Vec<String>> {
        let mut names = BTreeMap::new();
        for status in operation.value["responses"].as_object().expect("answers").keys() {
            let answer = match self.wrong(server, operation, path, body, status) {
                Some(request) => send(request).await,
                None if status == "413" => too_large(server, operation, path).await,
                None => continue,
            };
            if answer.status.as_str() == status {
                names.insert(status.clone(), vec![self.name(answer.json())]);
            } else {
                self.otherwise.push(format!("{} for {status}: {} {}", operation.id, answer.status, answer.text));
            }
        }
        names
    }

    /// A request that is to be refused with this status, if there is one whatever the state of things.
    fn wrong(
        &self,
        server: &Server,
        operation: &Operation,
        path: &str,
        body: Option<&Value>,
        status: &str,
    ) -> Option<RequestBuilder> {
        let method = Method::from_bytes(operation.method.as_bytes()).expect("a method");
        let to = |path: &str| {
            let request = server.ask(method.clone(), path);
            if let Some(body) = body { request.json(body) } else { request }
        };
        let joined = if path.contains('?') { '&' } else { '?' };
        let plain = server.ask(method.clone(), path);
        Some(match status {
            "400" if body.is_some() => plain.header("Content-Type", "application/json").body("{\"title\": \"Log"),
            "400" if operation.takes("after") => server.ask(method, &path.replace("after=", "after=soon")),
            "400" if operation.takes("cursor") => server.ask(method, &format!("{path}{joined}cursor=next")),
            "400" if operation.reads() => plain.header("Docket-Min-Position", "the newest"),
            "400" => to(path).header("Idempotency-Key", "two words"),
            "401" => reqwest::Client::new().request(method, format!("{}{path}", server.url)),
            "403" => ask(&server.url, &self.useless, method, path),
            // What has no name is there or not: the story tells.
            "404" if elsewhere(path) == path => return None,
            "404" => to(&elsewhere(path)),
            "412" => to(path).header("If-Match", "\"999\""),
            "415" => plain.header("Content-Type", "text/plain").body("Fix the login page"),
            "422" if operation.reads() => server.ask(method, &format!("{path}{joined}q=%00")),
            "422" => plain.json(&json!({"colour": "blue"})),
            _ => return None,
        })
    }

    /// What the present state does not allow; none, if it does.
    pub fn refusal(&mut self, operation: &Operation, answer: &Answer) -> Option<String> {
        if operation.value["responses"][answer.status.as_str()].is_object() && answer.status.is_client_error() {
            return Some(self.name(answer.json()));
        }
        self.otherwise.push(format!("{} for a refusal: {} {}", operation.id, answer.status, answer.text));
        None
    }

    /// What any operation may answer, and all problems by their names.
    pub fn finish(self) -> (BTreeMap<String, Vec<String>>, BTreeMap<String, Value>) {
        assert!(self.otherwise.is_empty(), "otherwise than the document says: {:#?}", self.otherwise);
        (self.everywhere, self.problems)
    }
}

/// What is answered to the head of a request with a large body: nobody waits for the rest of it.
async fn too_large(server: &Server, operation: &Operation, path: &str) -> Answer {
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).await.expect("connected");
    let (method, key) = (&operation.method, server.key());
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {TOO_MANY}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("written");
    let (mut text, mut piece) = (String::new(), [0; 4096]);
    // A problem is one JSON object.
    while !text.ends_with('}') {
        let length = stream.read(&mut piece).await.expect("an answer");
        assert!(length > 0, "{text}");
        text.push_str(std::str::from_utf8(&piece[..length]).expect("UTF-8"));
    }
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Answer { status, headers: HeaderMap::new(), text: body.to_owned() }
}

/// What an operation answers who only try it, where that is not the status of success.
pub async fn try_out(server: &Server, operation: &Operation, path: &str, body: Option<&Value>) -> Option<Value> {
    let answers = &operation.value["responses"];
    let is_alone = ["201", "204"].iter().any(|status| answers[*status].is_object());
    if operation.reads() || !is_alone {
        return None;
    }
    let method = Method::from_bytes(operation.method.as_bytes()).expect("a method");
    let joined = if path.contains('?') { '&' } else { '?' };
    let request = server.ask(method, &format!("{path}{joined}dry_run=true"));
    let tried = send(if let Some(body) = body { request.json(body) } else { request }).await;
    assert_eq!((tried.status, &tried.json()["dry_run"]), (StatusCode::OK, &json!(true)), "{path}: {}", tried.text);
    Some(tried.json())
}

/// The same address of something that is not there.
fn elsewhere(path: &str) -> String {
    const BETWEEN: [char; 4] = ['/', '?', '=', '&'];
    let part = |part: &str| match part.trim_end_matches(BETWEEN) {
        id if id.parse::<Uuid>().is_ok() => part.replace(id, NOBODY),
        position if position.parse::<u64>().is_ok() && part.ends_with('/') => part.replace(position, "999999"),
        _ => part.to_owned(),
    };
    path.replace("position=", "position=99").split_inclusive(BETWEEN).map(part).collect()
}

/// What a server says that has been asked too often.
async fn too_many() -> Value {
    let server = Server::start_with(|config| {
        config.limits.no_limits = false;
        config.limits.limits = vec!["native key 2/1m".to_owned()];
    });
    let server = server.await;
    for _ in 0..10 {
        let answer = server.get("/v1/me").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return answer.json();
        }
    }
    panic!("nothing is too much");
}
