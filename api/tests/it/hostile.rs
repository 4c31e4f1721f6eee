//! Bad input on every operation of the native API: the cases are made from the OpenAPI document, so that an operation
//! that is added is covered by being there. Whatever is sent, the answer is a problem of the right status, and nothing
//! is written.

mod bodies;
mod callers;
mod foreign;
pub mod operation;
mod process;
mod surface;
mod targets;
pub mod things;

use futures::StreamExt;
use futures::stream;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};
use serde_json::Value;

use crate::server::{Answer, Server};
use operation::{Api, Operation};

/// How many requests are under way at a time.
const AT_ONCE: usize = 8;
const UNKNOWN: &str = "7d444840-9dc0-41d1-b245-5ffdce74fad2";

/// A server and all of its operations.
struct World {
    server: Server,
    client: Client,
    api: Api,
}

/// One request and what has to come of it.
struct Case {
    what: String,
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
    token: Option<String>,
    expected: Expected,
}

/// What has to come of a request.
#[derive(Clone, Debug)]
enum Expected {
    /// One of these statuses.
    Status(&'static [u16]),
    /// This status and code.
    Code(u16, &'static str),
    /// This status, and a complaint about this place.
    At(u16, String),
}

impl World {
    async fn new() -> Self {
        Self { server: Server::start().await, client: Client::new(), api: Api::read() }
    }

    /// A request to an operation as it should be, but for what a case changes.
    fn case(&self, operation: &Operation, what: impl Into<String>, expected: Expected) -> Case {
        let mut headers = HeaderMap::new();
        if operation.takes_body() {
            let kind =
                if operation.method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
            headers.insert("content-type", HeaderValue::from_static(kind));
        }
        let body = if operation.takes_body() { b"{}".to_vec() } else { Vec::new() };
        Case {
            what: format!("{} {}: {}", operation.method, operation.path, what.into()),
            method: operation.method.clone(),
            target: operation.target(UNKNOWN),
            headers,
            body,
            token: Some(self.server.key().to_owned()),
            expected,
        }
    }

    async fn send(&self, case: &Case) -> Answer {
        let url = format!("{}{}", self.server.url, case.target);
        let mut request = self.client.request(case.method.clone(), url).headers(case.headers.clone());
        if !case.body.is_empty() || case.headers.contains_key("content-type") {
            request = request.body(case.body.clone());
        }
        if let Some(token) = &case.token {
            request = request.bearer_auth(token);
        }
        crate::server::send(request).await
    }

    async fn check(&self, case: Case) -> Option<String> {
        let answer = self.send(&case).await;
        let problem = answer.json();
        let status = answer.status.as_u16();
        let good = match &case.expected {
            Expected::Status(statuses) => statuses.contains(&status),
            Expected::Code(expected, code) => status == *expected && problem["code"] == *code,
            Expected::At(expected, place) => status == *expected && is_at(&problem, place),
        };
        let shaped = status < 400 || case.method == Method::HEAD || is_problem(&answer, &problem);
        (!good || !shaped || status >= 500)
            .then(|| format!("{}\n  expected {:?}, was {status} {:.300}", case.what, case.expected, answer.text))
    }

    /// Sends all cases; none may be answered otherwise than expected, and none may have written anything.
    async fn hold(&self, cases: Vec<Case>) {
        assert!(!cases.is_empty());
        let before = self.written().await;
        let count = cases.len();
        let failures: Vec<String> = stream::iter(cases)
            .map(|case| self.check(case))
            .buffer_unordered(AT_ONCE)
            .filter_map(std::future::ready)
            .collect()
            .await;
        assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
        assert_eq!(self.written().await, before, "something was written");
    }

    /// How many events there are.
    async fn written(&self) -> i64 {
        let pool = sqlx::PgPool::connect(&self.server.db.url).await.expect("the database");
        sqlx::query_scalar("select coalesce(sum(position), 0)::int8 from log.heads")
            .fetch_one(&pool)
            .await
            .expect("heads")
    }
}

fn is_problem(answer: &Answer, problem: &Value) -> bool {
    answer.header("content-type") == "application/problem+json"
        && problem["status"] == answer.status.as_u16()
        && problem["request_id"].as_str() == Some(answer.header("x-request-id"))
        && problem["code"].is_string()
}

fn is_at(problem: &Value, place: &str) -> bool {
    let errors = problem["errors"].as_array();
    errors.is_some_and(|errors| errors.iter().any(|error| error["pointer"] == place || error["parameter"] == place))
}

fn header(name: &'static str, value: &str) -> (HeaderName, HeaderValue) {
    (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header"))
}
