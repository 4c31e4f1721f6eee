//! Bad input on every operation of every mount: the cases are made from the mounts' documents. Whatever is sent, the
//! answer is a failure in the mount's own shape, never of the server, and nothing is written.

use futures::{StreamExt, stream};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::{Answer, Server, send};

const AT_ONCE: usize = 8;
const NOBODY: &str = "7d444840-9dc0-41d1-b245-5ffdce74fad2";

/// An operation of a mount.
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that a document says of an operation")]
struct Operation {
    mount: &'static str,
    method: Method,
    path: String,
    takes_key: bool,
    takes_body: bool,
    lists: bool,
    /// Whether no key may do it, whatever is sent.
    refused: bool,
}

fn operations() -> Vec<Operation> {
    let mut operations = Vec::new();
    for (mount, document) in docket_api::dialects::documents() {
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (name, operation) in item.as_object().expect("operations") {
                let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
                operations.push(Operation {
                    mount,
                    method: name.to_uppercase().parse().expect("a method"),
                    path: path.clone(),
                    takes_key: operation["security"].as_array().is_some_and(|all| !all.is_empty()),
                    takes_body: operation["requestBody"].is_object(),
                    lists: parameters.iter().any(|parameter| parameter["name"] == "limit"),
                    refused: !operation["responses"]
                        .as_object()
                        .is_some_and(|all| all.keys().any(|at| at.starts_with('2'))),
                });
            }
        }
    }
    operations
}

impl Operation {
    /// Its address, with `id` for what is in braces.
    fn target(&self, id: &str) -> String {
        let path =
            self.path.split('/').map(|step| match step.strip_suffix('}').and_then(|step| step.split_once('{')) {
                Some((before, _)) => format!("{before}{id}"),
                None => step.to_owned(),
            });
        format!("{}{}", self.mount, path.collect::<Vec<_>>().join("/"))
    }

    fn with(&self, query: &str) -> String {
        let target = self.target(NOBODY);
        format!("{target}{}{query}", if target.contains('?') { '&' } else { '?' })
    }

    /// Whether a failure is in the mount's shape.
    fn is_in_shape(&self, answer: &Answer) -> bool {
        let (body, status) = (answer.json(), answer.status.as_u16());
        let shaped = match self.mount {
            "/ikreo" => {
                body["error"] == true
                    && body["code"] == status
                    && body["message"].is_string()
                    && body["docs"].is_string()
            }
            "/krokanti" | "/projekt" => body["error"].is_string(),
            "/pike" => ["code", "message", "requestId"].iter().all(|name| body["error"][name].is_string()),
            "/generic" => body["success"] == false && body["error"]["code"].is_string(),
            other => panic!("what does {other} answer?"),
        };
        shaped && answer.header("content-type") == "application/json"
    }
}

struct World {
    server: Server,
    client: Client,
}

/// A request, and the statuses it may have.
struct Case<'o> {
    what: String,
    operation: &'o Operation,
    request: RequestBuilder,
    expected: &'static [u16],
}

impl World {
    async fn new() -> Self {
        Self { server: Server::start().await, client: Client::new() }
    }

    fn case<'o>(
        &self,
        operation: &'o Operation,
        what: impl Into<String>,
        target: &str,
        expected: &'static [u16],
    ) -> Case<'o> {
        let request = self.client.request(operation.method.clone(), format!("{}{target}", self.server.url));
        Case { what: what.into(), operation, request: request.bearer_auth(self.server.key()), expected }
    }

    async fn hold(&self, cases: Vec<Case<'_>>) {
        assert!(!cases.is_empty());
        let before = self.events().await;
        let told = stream::iter(cases).map(async |case| {
            let answer = send(case.request).await;
            let good = case.expected.contains(&answer.status.as_u16()) && case.operation.is_in_shape(&answer);
            let Operation { mount, method, path, .. } = case.operation;
            (!good).then(|| format!("{method} {mount}{path}: {}: {} {}", case.what, answer.status, answer.text))
        });
        let failures: Vec<_> = told.buffer_unordered(AT_ONCE).filter_map(async |failure| failure).collect().await;
        assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures[..failures.len().min(30)].join("\n"));
        assert_eq!(self.events().await, before, "something was written");
    }

    /// How many events the log has.
    async fn events(&self) -> i64 {
        let mut database =
            <sqlx::PgConnection as sqlx::Connection>::connect(&self.server.db.url).await.expect("a connection");
        sqlx::query_scalar("select count(*) from log.events").fetch_one(&mut database).await.expect("a count")
    }
}

/// No JSON, the wrong JSON, or too much of it.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let keys = (0..300).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(",");
    vec![
        ("200 arrays deep", text(&"[".repeat(200))),
        ("objects deep", text(&"{\"a\":".repeat(500))),
        ("300 keys", text(&format!("{{{keys}}}"))),
        ("not UTF-8", vec![b'{', b'"', 0xff, b'"', b':', b'1', b'}']),
        ("overlong UTF-8", vec![b'{', b'"', 0xc0, 0x80, b'"', b':', b'1', b'}']),
        ("a byte order mark", text("\u{feff}{}")),
        ("empty", text(" ")),
        ("null", text("null")),
        ("a number", text("42")),
        ("an array", text("[\"a\"]")),
        ("garbage behind", text("{} x")),
        ("a trailing comma", text("{\"title\":\"a\",}")),
        ("a duplicate key", text("{\"title\":\"a\",\"title\":\"b\"}")),
        ("NaN", text("{\"title\":NaN}")),
        ("a lone surrogate", text("{\"title\":\"\\ud800\"}")),
        ("a raw control character", text("{\"title\":\"\u{1}\"}")),
        ("U+0000", text("{\"title\":\"\\u0000\",\"name\":\"\\u0000\"}")),
        ("U+0000 in a key", text("{\"\\u0000\":1}")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_object_is_refused() {
    let (world, operations) = (World::new().await, operations());
    let mut cases = Vec::new();
    for operation in operations.iter().filter(|operation| operation.takes_body) {
        for (what, body) in bodies() {
            let expected: &[u16] = if what.starts_with("U+0000") { &[400, 404, 422] } else { &[400, 404, 413] };
            let mut case = world.case(operation, what, &operation.target(NOBODY), expected);
            case.request = case.request.header("content-type", "application/json").body(body);
            cases.push(case);
        }
        for kind in ["text/plain", "application/json;charset=utf-7", "application/problem+json"] {
            let mut case = world.case(operation, kind, &operation.target(NOBODY), &[400, 404, 415]);
            case.request = case.request.header("content-type", kind).body("{}");
            cases.push(case);
        }
        let mut bomb = world.case(operation, "gzip", &operation.target(NOBODY), &[400, 404, 415]);
        bomb.request =
            bomb.request.header("content-type", "application/json").header("content-encoding", "gzip").body("{}");
        cases.push(bomb);
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_is_not_read() {
    let (world, operations) = (World::new().await, operations());
    let address = world.server.url.trim_start_matches("http://");
    for operation in operations.iter().filter(|operation| operation.takes_body) {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        let (method, target) = (&operation.method, operation.target(NOBODY));
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: 10000000000\r\n\r\n",
            world.server.key()
        );
        stream.write_all(head.as_bytes()).await.expect("written");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.expect("an answer");
        let status = String::from_utf8_lossy(&answer[9..]).into_owned();
        assert!(["400", "413"].contains(&status.as_str()), "{method} {target}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_do_not_fit_are_refused() {
    let (world, operations) = (World::new().await, operations());
    let project = world.server.post("/v1/projects", json!({"name": "P"})).await.json();
    let (id, number) = (project["id"].clone(), project["number"].clone());
    let mut cases = Vec::new();
    let creating = |operation: &&Operation| {
        operation.method == Method::POST
            && (operation.path.ends_with("/tasks")
                || operation.path.ends_with("/issues")
                || operation.path.ends_with("=tasks"))
    };
    for operation in operations.iter().filter(creating) {
        let (name, id) = match operation.mount {
            "/krokanti" => ("projectId", &id),
            "/ikreo" => ("project_id", &number),
            _ => ("project_id", &id),
        };
        let date = if operation.mount == "/krokanti" { "dueDate" } else { "due_date" };
        let mut bad: Vec<Value> = [
            "0000-00-00",
            "2023-02-29",
            "1900-02-29",
            "2024-2-9",
            " 2024-02-29",
            "2024-W09-4",
            "20240229",
            "2024-060",
            "0000-01-01",
            "-0001-01-01",
            "+10000-01-01",
            "10000-01-01",
            "infinity",
            "now",
            "tomorrow",
            "epoch",
        ]
        .iter()
        .map(|day| json!({"title": "T", name: id, date: day}))
        .collect();
        bad.extend([
            json!({"title": 1, name: id}),
            json!({"title": "", name: id}),
            json!({"title": "   ", name: id}),
            json!({"title": "x".repeat(501), name: id}),
            json!({"title": null, name: id}),
            json!({"title": ["T"], name: id}),
            json!({name: id}),
            json!({"title": "T"}),
            json!({"title": "T", name: NOBODY}),
            json!({"title": "T", name: 999_999}),
            json!({"title": "T", name: {"id": 1}}),
            json!({"title": "T", name: -1}),
            json!({"title": "T", name: 1.5}),
            json!({"title": "T", name: id, "status": "nonsense"}),
            json!({"title": "T", name: id, "status": 7}),
            json!({"title": "T", name: id, "status": {"done": null}}),
            json!({"title": "T", name: id, "priority": "extreme"}),
            json!({"title": "T", name: id, "priority": true}),
        ]);
        for body in bad {
            let mut case = world.case(operation, body.to_string(), &operation.target(NOBODY), &[400, 404, 422]);
            case.request = case.request.json(&body);
            cases.push(case);
        }
    }
    assert!(cases.len() > 60, "{}", cases.len());
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_and_queries_that_do_not_fit_are_refused() {
    let (world, operations) = (World::new().await, operations());
    let mut cases = Vec::new();
    let by_id = |operation: &&Operation| operation.path.contains('{') && !operation.takes_body && !operation.refused;
    for operation in operations.iter().filter(by_id) {
        for id in [
            "x",
            "0",
            "-1",
            "999999",
            "7D444840-9DC0-41D1-B245-5FFDCE74FAD2",
            "%00",
            "%ff",
            "%2e%2e%2f",
            "a%2Fb",
            "'%20or%201=1",
        ] {
            cases.push(world.case(operation, id, &operation.target(id), &[400, 404, 422]));
        }
    }
    for operation in operations.iter().filter(|operation| operation.lists) {
        for query in ["limit=0", "limit=-1", "limit=1.5", "limit=x", "limit=1&limit=2", "limit=%ff", "limit=%00"] {
            cases.push(world.case(operation, query, &operation.with(query), &[400, 422]));
        }
        if operation.mount != "/ikreo" && operation.mount != "/generic" {
            cases.push(world.case(operation, "a cursor", &operation.with("cursor=eyJhIjoxfQ"), &[400, 422]));
        }
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_that_works_nothing_is_told() {
    let (world, operations) = (World::new().await, operations());
    let mut changed = world.server.key().to_owned();
    let last = changed.pop().expect("a character");
    changed.push(if last == 'a' { 'b' } else { 'a' });
    let mut cases = Vec::new();
    for operation in operations.iter().filter(|operation| operation.takes_key) {
        let target = operation.target(NOBODY);
        let bare = || world.client.request(operation.method.clone(), format!("{}{target}", world.server.url));
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Basic eDp4",
            "Bearer x",
            &format!("Bearer {changed}"),
            &format!("Bearer {}", "x".repeat(9_000)),
        ] {
            let request = bare().header("authorization", value);
            cases.push(Case { what: value.chars().take(20).collect(), operation, request, expected: &[401] });
        }
        let cookie = bare().header("cookie", format!("api_key={}", world.server.key()));
        cases.push(Case { what: "a cookie".to_owned(), operation, request: cookie, expected: &[401] });
        let elsewhere = bare().query(&[("access_token", world.server.key())]);
        cases.push(Case { what: "another parameter".to_owned(), operation, request: elsewhere, expected: &[401] });
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idempotency_and_preconditions_hold_on_every_mount() {
    let (world, operations) = (World::new().await, operations());
    let mut cases = Vec::new();
    for operation in operations.iter().filter(|operation| operation.takes_body) {
        for key in ["", &"k".repeat(256), "a\"b", "a b"] {
            let mut case = world.case(operation, format!("key {key}"), &operation.target(NOBODY), &[400, 404]);
            case.request = case.request.header("idempotency-key", key).json(&json!({}));
            cases.push(case);
        }
        for tag in ["7", "\"7", "'7'"] {
            let mut case = world.case(operation, tag, &operation.target(NOBODY), &[400, 404]);
            case.request = case.request.header("if-match", tag).json(&json!({}));
            cases.push(case);
        }
    }
    world.hold(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_twice_happens_once() {
    let world = World::new().await;
    let project = world.server.project("P").await;
    let body = json!({"title": "Once", "projectId": project});
    let post = async |body: &Value| {
        let url = format!("{}/krokanti/api/tasks", world.server.url);
        send(world.client.post(url).bearer_auth(world.server.key()).header("idempotency-key", "k1").json(body)).await
    };
    let (first, second) = (post(&body).await, post(&body).await);
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::CREATED), "{}", second.text);
    assert_eq!(first.json()["id"], second.json()["id"]);
    let other = post(&json!({"title": "Other", "projectId": project})).await;
    assert_eq!(other.status, StatusCode::BAD_REQUEST, "{}", other.text);
}
