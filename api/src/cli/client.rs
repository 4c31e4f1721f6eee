//! A client of the public API: what `docket import` and the demo use, and nothing a user's program could not do.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

/// Where the server is, and what to show it.
#[derive(clap::Args, Clone)]
pub struct Server {
    /// The server's address.
    #[arg(long, env = "DOCKET_URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// An API key.
    #[arg(long, env = "DOCKET_KEY", hide_env_values = true)]
    pub key: String,
}

/// A client that comes back when it is asked to.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    server: Server,
}

/// How often a request is sent before giving up.
const TRIES: u32 = 8;

impl Client {
    /// A client of that server.
    pub fn new(server: Server) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_mins(1)).build()?;
        Ok(Self { http, server: Server { url: server.url.trim_end_matches('/').to_owned(), ..server } })
    }

    /// GET, as JSON.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        understand(self.send(Method::GET, path, None).await?).await
    }

    /// POST, safe to repeat under its idempotency key.
    pub async fn post(&self, path: &str, body: &Value, idempotency_key: &str) -> anyhow::Result<Value> {
        self.post_once(path, body, idempotency_key).await.map(|(answer, _)| answer)
    }

    /// The same, and whether this is the stored answer to an earlier, equal request.
    pub async fn post_once(&self, path: &str, body: &Value, idempotency_key: &str) -> anyhow::Result<(Value, bool)> {
        let response = self.send(Method::POST, path, Some((body, idempotency_key))).await?;
        let replayed = response.headers().contains_key("idempotency-replayed");
        Ok((understand(response).await?, replayed))
    }

    /// Every resource of a list.
    pub async fn all(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let mut found = Vec::new();
        let mut next = format!("{path}?limit=200");
        loop {
            let mut page = self.get(&next).await?;
            found.extend(page["data"].as_array_mut().map(std::mem::take).unwrap_or_default());
            match page["next_cursor"].as_str() {
                Some(cursor) => next = format!("{path}?limit=200&cursor={cursor}"),
                None => return Ok(found),
            }
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<(&Value, &str)>) -> anyhow::Result<Response> {
        let mut last = None;
        for attempt in 0..TRIES {
            let mut request = self.http.request(method.clone(), format!("{}{path}", self.server.url));
            request = request.bearer_auth(&self.server.key);
            if let Some((body, key)) = body {
                request = request.json(body).header("Idempotency-Key", key);
            }
            let pause = match request.send().await {
                Ok(response) if is_passing(response.status()) => retry_after(&response),
                Ok(response) => return Ok(response),
                Err(error) => {
                    last = Some(error);
                    None
                }
            };
            let pause = pause.unwrap_or_else(|| Duration::from_millis(100 << attempt.min(5)));
            tokio::time::sleep(pause).await;
        }
        match last {
            Some(error) => Err(error).context(format!("{} does not answer: is it the right --url?", self.server.url)),
            None => bail!("{} is too busy; try again later", self.server.url),
        }
    }
}

fn is_passing(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn understand(response: Response) -> anyhow::Result<Value> {
    let status = response.status();
    let text = response.text().await?;
    if status.is_success() {
        return serde_json::from_str(&text).context("the server did not answer with JSON: is it Docket's --url?");
    }
    let problem: Value = serde_json::from_str(&text).unwrap_or_default();
    let detail = problem["detail"].as_str().unwrap_or("no explanation");
    let hint = if status == StatusCode::UNAUTHORIZED { " Check --key or DOCKET_KEY." } else { "" };
    bail!("the server answered {status}: {detail}{hint}")
}
