//! A reader of server-sent events.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use tokio::time::timeout;

use crate::server::{TRIES, ask};

/// How long is waited for something that has to come.
const PATIENCE: Duration = Duration::from_mins(1);

/// An open stream.
pub struct Listener {
    response: Response,
    text: String,
    /// The id that was sent last.
    pub last_id: String,
}

impl Listener {
    /// Opens a stream, after this id if there is one.
    pub async fn open(url: &str, key: &str, path: &str, after: Option<&str>) -> Self {
        let response = connect(url, key, path, after).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut listener = Self { response, text: String::new(), last_id: String::new() };
        // The greeting says that everything from now on is heard.
        assert!(listener.block().await.expect("a greeting").starts_with("retry:"));
        listener
    }

    /// The next event; none, if the stream ends. Signs of life are not waited for.
    pub async fn next(&mut self) -> Option<Value> {
        timeout(PATIENCE, self.event()).await.expect("an event or the end, in time")
    }

    async fn event(&mut self) -> Option<Value> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
            self.last_id = field("id: ").unwrap_or_default();
            if let Some(data) = field("data: ") {
                let event: Value = serde_json::from_str(&data).expect("JSON");
                assert_eq!((&event["id"], &event["type"]), (&self.last_id.clone().into(), &field("event: ").into()));
                return Some(event);
            }
        }
    }

    /// How far it is, as the next sign of life says; there is nothing before that.
    pub async fn sign_of_life(&mut self) -> &str {
        let block = self.block().await.expect("a sign of life");
        let id = block.strip_prefix(": alive\nid: ");
        id.unwrap_or_else(|| panic!("{block}")).clone_into(&mut self.last_id);
        &self.last_id
    }

    /// The next events.
    pub async fn take(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        while events.len() < count {
            events.push(self.next().await.expect("an event"));
        }
        events
    }

    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let piece = timeout(PATIENCE, self.response.chunk()).await.expect("in time").ok().flatten()?;
            self.text.push_str(std::str::from_utf8(&piece).expect("UTF-8"));
        }
    }
}

/// The answer to a request for a stream, which is asked for again while what its key has written can't be read.
pub async fn connect(url: &str, key: &str, path: &str, after: Option<&str>) -> Response {
    let mut request = ask(url, key, Method::GET, path);
    if let Some(after) = after {
        request = request.header("Last-Event-ID", after);
    }
    for _ in 1..TRIES {
        let Some(again) = request.try_clone() else { break };
        let answer = again.send().await.expect("an answer");
        if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
            return answer;
        }
    }
    request.send().await.expect("an answer")
}
