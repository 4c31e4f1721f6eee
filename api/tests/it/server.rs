//! A whole Docket for one test, and a client that shows everything of an answer.
#![allow(dead_code, reason = "each test uses the part it needs")]

use std::net::SocketAddr;

use docket_api::auth::token::Format;
use docket_api::bootstrap::Founding;
use docket_api::limits::Room;
use docket_api::{Config, Docket};
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::Value;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::harness::{self, TestDb};

/// A running Docket with one workspace.
pub struct Server {
    /// Its address.
    pub url: String,
    /// The workspace, with an owner's key in every format.
    pub workspace: Founding,
    /// Its database.
    pub db: TestDb,
    /// The first token of its subjects.
    pub prefix: String,
    /// Its write side.
    pub commands: docket_commands::Commands,
    _stop: DropGuard,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub text: String,
}

impl Answer {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The configuration of a node over a database.
pub fn config(db: &TestDb, prefix: &str) -> Config {
    let mut config = Config::private(db.url.clone(), harness::nats_url(), SocketAddr::from(([127, 0, 0, 1], 0)));
    prefix.clone_into(&mut config.nats_prefix);
    config.limits.no_limits = true;
    // Some tests come in crowds, to machines that have much else to do.
    config.room = Room { writes_at_once: 4_096, reads_waiting: 4_096, ..Room::default() };
    config.read_connections = 4;
    config.projector_connections = 4;
    config
}

impl Server {
    /// A server of one's own.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same, configured otherwise.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let (db, prefix) = (harness::database().await, harness::nats_prefix());
        let mut config = config(&db, &prefix);
        change(&mut config);
        let stop = CancellationToken::new();
        let docket = Docket::start(&config, stop.clone()).await.expect("a server");
        let url = format!("http://{}", docket.api.expect("an address"));
        let commands = docket.commands.clone().expect("a write side");
        tokio::spawn(docket.wait());
        let workspace = Founding::draw("Test", "Owner", "owner@example.com", &Format::ALL);
        workspace.found(&commands).await.expect("a workspace");
        Self { url, workspace, db, prefix, commands, _stop: stop.drop_guard() }
    }

    /// Another node over the same database and subjects: its address, and what stops it.
    pub async fn another_node(&self) -> (String, DropGuard) {
        self.another_node_with(|_| {}).await
    }

    /// The same, configured otherwise.
    pub async fn another_node_with(&self, change: impl FnOnce(&mut Config)) -> (String, DropGuard) {
        let mut config = config(&self.db, &self.prefix);
        change(&mut config);
        let stop = CancellationToken::new();
        let docket = Docket::start(&config, stop.clone()).await.expect("a node");
        let url = format!("http://{}", docket.api.expect("an address"));
        tokio::spawn(docket.wait());
        (url, stop.drop_guard())
    }

    /// Another workspace on the same server.
    pub async fn another_workspace(&self) -> Founding {
        self.workspace_with(&[Format::Native]).await
    }

    /// The same, with an owner's key in each of these formats.
    pub async fn workspace_with(&self, formats: &[Format]) -> Founding {
        let other = Founding::draw("Other", "Other Owner", "owner@example.com", formats);
        other.found(&self.commands).await.expect("a workspace");
        other
    }

    /// Another workspace with this name, in the same partition: their histories are mixed.
    pub async fn neighbour(&self, name: &str) -> Founding {
        let partition = self.commands.partition_of(self.workspace.workspace_id);
        let other = std::iter::repeat_with(|| Founding::draw(name, name, "z@example.com", &[Format::Native]))
            .find(|other| self.commands.partition_of(other.workspace_id) == partition)
            .expect("a workspace");
        other.found(&self.commands).await.expect("a workspace");
        other
    }

    /// A member who has joined, with a key that may do whatever their role may: their id and the token.
    pub async fn member(&self, name: &str, role: &str) -> (String, String) {
        let body = serde_json::json!({"email": format!("{name}@example.com"), "name": name});
        let id = self.made("/v1/members", body).await;
        let key = serde_json::json!({"label": name, "scopes": ["admin"], "member_id": id});
        let minted = self.post("/v1/keys", key).await;
        assert_eq!(minted.status, StatusCode::CREATED, "{}", minted.text);
        let joined = self.post(&format!("/v1/members/{id}/join"), serde_json::json!({})).await;
        assert_eq!(joined.status, StatusCode::OK, "{}", joined.text);
        let raised = self.patch(&format!("/v1/members/{id}"), serde_json::json!({"role": role})).await;
        assert_eq!(raised.status, StatusCode::OK, "{}", raised.text);
        (id, minted.json()["token"].as_str().expect("a token").to_owned())
    }

    /// The owner's native token.
    pub fn key(&self) -> &str {
        &self.workspace.keys[0].token
    }

    /// A request with the owner's key.
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        ask(&self.url, self.key(), method, path)
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        send(self.ask(Method::GET, path)).await
    }

    /// POST with JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.ask(Method::POST, path).json(&body)).await
    }

    /// PATCH with JSON.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.ask(Method::PATCH, path).json(&body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        send(self.ask(Method::DELETE, path)).await
    }

    /// A new project's id.
    pub async fn project(&self, name: &str) -> String {
        self.made("/v1/projects", serde_json::json!({"name": name})).await
    }

    /// A new task's id.
    pub async fn task(&self, project: &str, title: &str) -> String {
        self.made("/v1/tasks", serde_json::json!({"project_id": project, "title": title})).await
    }

    /// The id of what this POST makes.
    pub async fn made(&self, path: &str, body: Value) -> String {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }
}

/// A request with some key to some node.
pub fn ask(url: &str, key: &str, method: Method, path: &str) -> RequestBuilder {
    reqwest::Client::new().request(method, format!("{url}{path}")).bearer_auth(key)
}

/// How often a request is sent while what its key has written can't be read: each time the server waits for it.
pub const TRIES: usize = 20;

/// The answer to it. On a busy machine read models may be late, and nothing is done then: it is asked again, as clients do.
pub async fn send(request: RequestBuilder) -> Answer {
    for _ in 1..TRIES {
        let Some(again) = request.try_clone() else { break };
        let answer = sent(again).await;
        if answer.status != StatusCode::SERVICE_UNAVAILABLE || !answer.text.contains("not readable yet") {
            return answer;
        }
    }
    sent(request).await
}

async fn sent(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: response.text().await.expect("a body") }
}
