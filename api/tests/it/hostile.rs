//! Bad input on every operation of every API, ours and other products': the cases are made from the documents, so that
//! an operation that is added is covered by being there. Each is an otherwise good request about things that there are.
//! Whatever is sent, the answer is a failure of the right status in the API's own shape, never one of the server, and
//! nothing is written.

mod bodies;
mod callers;
mod fields;
mod foreign;
mod forged;
mod gone;
mod headers;
mod kept;
mod misfits;
pub mod operation;
mod process;
mod queries;
mod repeats;
mod shapes;
mod surface;
mod targets;
pub mod things;

use futures::StreamExt;
use futures::stream;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};

use crate::harness::scratch_file;
use crate::probes::places::{Place, spelled_out};
use crate::server::{Answer, Server};
use operation::{Api, Operation};
use shapes::{Expected, is_failure_of};
use things::{Things, settled};

/// How many requests are under way at a time.
const AT_ONCE: usize = 8;
const UNKNOWN: &str = "7d444840-9dc0-41d1-b245-5ffdce74fad2";

/// A server with one of everything, and all operations of all APIs.
struct World {
    server: Server,
    client: Client,
    apis: Vec<Api>,
    own: Things,
}

/// One request and what has to come of it.
struct Case {
    what: String,
    mount: &'static str,
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    token: Option<String>,
    expected: Expected,
}

impl World {
    async fn new() -> Self {
        // Without a key of the server's own there are no proofs to ask for.
        let key = scratch_file("audit.key", "").with_file_name("signing.key");
        docket_api::signing::read_or_make(&key).expect("a key");
        let server = Server::start_with(|config| {
            config.read_connections = 8;
            config.audit_key = Some(key);
        })
        .await;
        let own = Things::make(&server, &server.workspace, "own").await;
        Self { server, client: Client::new(), apis: Api::all(), own }
    }

    fn native(&self) -> &Api {
        &self.apis[0]
    }

    /// All operations that a key may use at all, each as a good request would; of paths that have one of some words, one.
    fn requests(&self) -> Vec<Place<'_>> {
        let mut all = Vec::new();
        for api in &self.apis {
            for operation in api.operations.iter().filter(|operation| !operation.is_refused()) {
                let one = spelled_out(operation).into_iter().next();
                all.extend(one.map(|one| Place::nowhere(api, one)));
            }
        }
        all
    }

    /// Those that take a body.
    fn with_body(&self) -> Vec<Place<'_>> {
        let mut all = self.requests();
        all.retain(|place| place.operation.takes_body());
        all
    }

    /// A request as it should be, but for what a case changes.
    fn case(&self, place: &Place<'_>, what: impl Into<String>, expected: Expected) -> Case {
        let (Operation { method, path, .. }, asked) = (&place.operation, place.asked(&self.own, ""));
        let mut headers = HeaderMap::new();
        if asked.body.is_some() {
            let patch = *method == Method::PATCH && place.api.mount.is_empty();
            let kind = if patch { "application/merge-patch+json" } else { "application/json" };
            headers.insert("content-type", HeaderValue::from_static(kind));
        }
        Case {
            what: format!("{method} {}{path}: {}", place.api.mount, what.into()),
            mount: place.api.mount,
            method: method.clone(),
            target: asked.target,
            headers,
            body: asked.body.map(|body| body.to_string().into_bytes()),
            token: Some(self.server.key().to_owned()),
            expected,
        }
    }

    async fn send(&self, case: &Case) -> Answer {
        let url = format!("{}{}", self.server.url, case.target);
        let mut request = self.client.request(case.method.clone(), url).headers(case.headers.clone());
        if let Some(body) = &case.body {
            request = request.body(body.clone());
        }
        if let Some(token) = &case.token {
            request = request.bearer_auth(token);
        }
        crate::server::send(request).await
    }

    async fn check(&self, case: Case) -> Option<String> {
        let answer = self.send(&case).await;
        let status = answer.status.as_u16();
        let shaped = status < 400 || case.method == Method::HEAD || is_failure_of(case.mount, &answer);
        let good = shaped && status < 500 && case.expected.fits(case.mount, &answer);
        (!good).then(|| format!("{}\n  expected {:?}, was {status} {:.300}", case.what, case.expected, answer.text))
    }

    /// Sends all cases; none may be answered otherwise than expected, and none may have written anything.
    async fn hold(&self, cases: Vec<Case>) {
        assert!(!cases.is_empty());
        settled(&self.server).await;
        let before = self.written().await;
        let count = cases.len();
        let failures: Vec<String> = stream::iter(cases)
            .map(|case| self.check(case))
            .buffer_unordered(AT_ONCE)
            .filter_map(std::future::ready)
            .collect()
            .await;
        println!("{count} requests");
        let some = failures[..failures.len().min(60)].join("\n");
        assert!(failures.is_empty(), "{} of {count}:\n{some}", failures.len());
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

impl Case {
    /// The same with another body.
    fn saying(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: Some(body.into()), ..self }
    }

    /// The same, carried out by nobody.
    fn rehearsed(mut self) -> Self {
        if self.method != Method::GET {
            self.add("dry_run=true");
        }
        self
    }

    /// Adds to its query string.
    fn add(&mut self, query: &str) {
        self.target.push(if self.target.contains('?') { '&' } else { '?' });
        self.target.push_str(query);
    }
}

fn header(name: &'static str, value: &str) -> (HeaderName, HeaderValue) {
    (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header"))
}
