//! What one connection sends, one request after the other, and what it makes of the answers.

use std::fmt::Write as _;

use uuid::Uuid;

/// Whom the requests are for.
#[derive(Clone, Debug)]
pub struct Target {
    /// `host:port`.
    pub address: String,
    /// The secret for `Authorization: Bearer`, if the server wants one.
    pub key: Option<String>,
}

/// The requests of one connection.
pub trait Script {
    /// Writes the next request into `request`, which is empty.
    fn write_next(&mut self, request: &mut Request);

    /// Sees the answer to it.
    fn see(&mut self, _status: u16, _body: &[u8]) {}
}

/// A request being written.
pub struct Request {
    head: String,
    body: String,
    authority: String,
}

impl Request {
    /// An empty request for `target`.
    pub fn new(target: &Target) -> Self {
        let mut authority = format!("host: {}\r\n", target.address);
        if let Some(key) = &target.key {
            let _ = write!(authority, "authorization: Bearer {key}\r\n");
        }
        Self { head: String::with_capacity(512), body: String::with_capacity(1024), authority }
    }

    /// `GET path`.
    pub fn get(&mut self, path: std::fmt::Arguments<'_>) {
        self.start("GET", path);
        self.head.push_str("\r\n");
    }

    /// `POST path` with a JSON body, and an idempotency key when one is given.
    pub fn post(&mut self, path: std::fmt::Arguments<'_>, key: Option<Uuid>, body: std::fmt::Arguments<'_>) {
        self.write("POST", path, key, body);
    }

    /// `PATCH path` with a JSON body, and an idempotency key when one is given.
    pub fn patch(&mut self, path: std::fmt::Arguments<'_>, key: Option<Uuid>, body: std::fmt::Arguments<'_>) {
        self.write("PATCH", path, key, body);
    }

    fn write(&mut self, method: &str, path: std::fmt::Arguments<'_>, key: Option<Uuid>, body: std::fmt::Arguments<'_>) {
        self.start(method, path);
        let _ = self.body.write_fmt(body);
        if let Some(key) = key {
            let _ = write!(self.head, "idempotency-key: {key}\r\n");
        }
        let _ = write!(self.head, "content-type: application/json\r\ncontent-length: {}\r\n\r\n", self.body.len());
        self.head.push_str(&self.body);
    }

    fn start(&mut self, method: &str, path: std::fmt::Arguments<'_>) {
        self.head.clear();
        self.body.clear();
        let _ = write!(self.head, "{method} {path} HTTP/1.1\r\n{}", self.authority);
    }

    /// The bytes to send.
    pub fn bytes(&self) -> &[u8] {
        self.head.as_bytes()
    }
}
