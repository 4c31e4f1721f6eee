//! A client as a careful person would write it: every write has an idempotency key, and whatever is not answered is
//! sent again, to whichever node, until it is, or patience is over.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::time::{Instant, sleep};
use uuid::{Builder, Uuid};

use crate::history::{Call, History, Outcome};

/// How long a client tries; longer than any fault lasts.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// What an answer may take.
const TIMEOUT: Duration = Duration::from_secs(3);

/// What the client may be told, without hearing more than that.
pub struct Wish {
    /// `POST` …
    pub method: Method,
    /// Where.
    pub path: String,
    /// With what.
    pub body: Option<Value>,
    /// Only at this version.
    pub if_match: Option<i64>,
    /// How many commands it is.
    pub commands: usize,
    /// Whether it may come to nothing.
    pub idle: bool,
}

/// How often a client tries.
#[derive(Clone, Copy)]
pub struct Manners {
    /// How long, until there is an answer.
    pub patience: Duration,
    /// Of so many answered writes it sends one again.
    pub repeat_one_in: u32,
}

/// A client with a key of its own.
pub struct Client {
    /// All that it draws.
    pub rng: StdRng,
    /// The workspace it writes to.
    pub workspace: Uuid,
    manners: Manners,
    http: reqwest::Client,
    nodes: Rc<[u16]>,
    key: String,
    history: Rc<RefCell<History>>,
}

impl Client {
    /// A client that may talk to these nodes.
    pub fn new(
        seed: u64,
        manners: Manners,
        nodes: Rc<[u16]>,
        (workspace, key): (Uuid, String),
        history: Rc<RefCell<History>>,
    ) -> Self {
        let (rng, http) = (StdRng::seed_from_u64(seed), reqwest::Client::new());
        Self { rng, workspace, manners, http, nodes, key, history }
    }

    /// Asks for something until there is an answer, and writes down how that went.
    pub async fn write(&mut self, wish: &Wish) -> Outcome {
        let key = Builder::from_random_bytes(self.rng.random()).into_uuid();
        // A few give up early, and never learn what became of it.
        let patience = if self.rng.random_ratio(1, 25) { Duration::from_millis(30) } else { self.manners.patience };
        let (begun, mut attempts) = (Instant::now(), 0);
        let outcome = loop {
            attempts += 1;
            match self.send(wish, key).await {
                Some((status, body)) if status.is_success() => break Outcome::Done(body),
                Some((status, body)) if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                    if status == StatusCode::UNAUTHORIZED {
                        self.object(format!("{} {}: a key that works is refused: {body}", wish.method, wish.path));
                    }
                    break Outcome::Refused(status.as_u16());
                }
                _ if begun.elapsed() > patience => break Outcome::Unknown,
                _ => sleep(Duration::from_millis(self.rng.random_range(20..300))).await,
            }
        };
        if let Outcome::Done(first) = &outcome
            && self.rng.random_ratio(1, self.manners.repeat_one_in)
        {
            attempts += self.repeat(wish, key, first).await;
        }
        let what = format!("{} {}", wish.method, wish.path);
        let Wish { if_match, commands, idle, .. } = *wish;
        let call = Call { workspace: self.workspace, key, what, if_match, commands, idle, outcome: outcome.essence() };
        self.history.borrow_mut().note(call, attempts);
        outcome
    }

    /// Sends an answered call again, one to nine times: the answer has to be the same.
    async fn repeat(&mut self, wish: &Wish, key: Uuid, first: &Value) -> u32 {
        let times = self.rng.random_range(1..=9);
        for _ in 0..times {
            let Some((status, body)) = self.send(wish, key).await else { continue };
            if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
                continue;
            }
            self.history.borrow_mut().repeats += 1;
            if !status.is_success() || lasting(&body) != lasting(first) {
                let what = format!("{} {} with {key}: first {first}, then {status} {body}", wish.method, wish.path);
                self.history.borrow_mut().otherwise.push(what);
            }
        }
        times
    }

    async fn send(&mut self, wish: &Wish, key: Uuid) -> Option<(StatusCode, Value)> {
        let node = self.nodes[self.rng.random_range(0..self.nodes.len())];
        let url = format!("http://127.0.0.1:{node}{}", wish.path);
        let mut request = self.http.request(wish.method.clone(), url).bearer_auth(&self.key).timeout(TIMEOUT);
        request = request.header("Idempotency-Key", key.to_string()).header("X-Request-Id", key.to_string());
        if let Some(version) = wish.if_match {
            request = request.header("If-Match", format!("\"{version}\""));
        }
        if let Some(body) = &wish.body {
            request = request.json(body);
        }
        answer(request).await
    }

    /// Reads, trying a few times; nothing if there is no answer that is one.
    pub async fn read(&mut self, path: &str) -> Option<(StatusCode, Value)> {
        let begun = Instant::now();
        for _ in 0..5 {
            if begun.elapsed() > self.manners.patience {
                break;
            }
            let node = self.nodes[self.rng.random_range(0..self.nodes.len())];
            let url = format!("http://127.0.0.1:{node}{path}");
            let request = self.http.get(url).bearer_auth(&self.key).timeout(TIMEOUT);
            match answer(request).await {
                Some((status, body)) if !status.is_server_error() => {
                    self.history.borrow_mut().reads += 1;
                    return Some((status, body));
                }
                _ => sleep(Duration::from_millis(self.rng.random_range(20..200))).await,
            }
        }
        None
    }

    /// Notes an answer that must not have been given: something refused, or not, against the rules.
    pub fn object(&self, what: String) {
        self.history.borrow_mut().wrong.push(what);
    }

    /// Notes that a read did not show what was written.
    pub fn complain(&self, what: String) {
        self.history.borrow_mut().stale.push(what);
    }
}

/// What an answer says but how many tasks are open by now, which a repeat counts anew.
fn lasting(answer: &Value) -> Value {
    let mut answer = answer.clone();
    answer.as_object_mut().map(|answer| answer.remove("open_tasks"));
    answer
}

async fn answer(request: reqwest::RequestBuilder) -> Option<(StatusCode, Value)> {
    let answer = request.send().await.ok()?;
    let status = answer.status();
    let text = answer.text().await.ok()?;
    if text.is_empty() {
        return Some((status, Value::Null));
    }
    Some((status, serde_json::from_str(&text).ok()?))
}
