//! Single requests, for setting the stage and asking questions.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use uuid::Uuid;

use crate::load::{Connection, Request, Target};

/// One connection for single requests.
pub struct Client {
    connection: Connection,
    request: Request,
}

impl Client {
    /// Connects.
    pub async fn open(target: &Target) -> Result<Self> {
        Ok(Self { connection: Connection::open(&target.address).await?, request: Request::new(target) })
    }

    /// `GET path`, which must answer 2xx.
    pub async fn get(&mut self, path: &str) -> Result<Value> {
        self.request.get(format_args!("{path}"));
        self.send(path).await
    }

    /// `POST path`, which must answer 2xx.
    pub async fn post(&mut self, path: &str, body: &Value) -> Result<Value> {
        self.post_as(path, Uuid::new_v4(), body).await
    }

    /// The same under this idempotency key.
    pub async fn post_as(&mut self, path: &str, key: Uuid, body: &Value) -> Result<Value> {
        self.request.post(format_args!("{path}"), Some(key), format_args!("{body}"));
        self.send(path).await
    }

    /// `PATCH path`, which must answer 2xx.
    pub async fn patch(&mut self, path: &str, body: &Value) -> Result<Value> {
        self.request.patch(format_args!("{path}"), Some(Uuid::new_v4()), format_args!("{body}"));
        self.send(path).await
    }

    async fn send(&mut self, path: &str) -> Result<Value> {
        let answer = self.connection.send(self.request.bytes()).await?;
        if !(200..300).contains(&answer.status) {
            bail!("{path} answers {}: {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        serde_json::from_slice(answer.body).with_context(|| format!("{path} answers no JSON"))
    }
}

/// The id in a resource.
pub fn id(resource: &Value) -> Result<Uuid> {
    resource["id"].as_str().and_then(|id| id.parse().ok()).with_context(|| format!("there is no id in {resource}"))
}
