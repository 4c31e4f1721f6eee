//! A client of the public API: what the commands for people, the imports and the demo use, and nothing that a user's
//! program could not do.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::pages::Pages;

/// Where the server is, and what to show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// The server's address.
    pub url: String,
    /// An API key.
    pub key: String,
}

/// A client that comes back when it is asked to.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    server: Server,
    tries: u32,
}

/// An answer to a request that was carried out.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The body, byte for byte.
    pub text: String,
    /// Whether it is the stored answer to an earlier, equal request.
    pub replayed: bool,
}

/// An answer that says no.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the server answered {status}: {detail}{hint}")]
pub struct Refused {
    /// The status.
    pub status: StatusCode,
    /// The problem's code.
    pub code: String,
    /// What is wrong.
    pub detail: String,
    /// Where in the body, by JSON pointer.
    pub pointer: Option<String>,
    hint: &'static str,
}

/// How often a request is sent before giving up: a long upload outlives a restart of the server.
const TRIES: u32 = 8;
/// How often, if somebody waits for it.
const TRIES_FOR_A_PERSON: u32 = 3;

impl Client {
    /// A client of that server.
    pub fn new(server: Server) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_mins(1)).build()?;
        Ok(Self { http, server, tries: TRIES })
    }

    /// The same, for somebody who waits.
    pub fn for_a_person(server: Server) -> anyhow::Result<Self> {
        Ok(Self { tries: TRIES_FOR_A_PERSON, ..Self::new(server)? })
    }

    /// GET, as JSON.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.read(path, &[]).await?.json()
    }

    /// GET with these parameters.
    pub async fn read(&self, path: &str, query: &[(&str, String)]) -> anyhow::Result<Answer> {
        self.send(|| self.request(Method::GET, path).query(query)).await
    }

    /// POST, safe to repeat under its idempotency key.
    pub async fn post(&self, path: &str, body: &Value, idempotency_key: &str) -> anyhow::Result<Value> {
        self.change(Method::POST, path, body, idempotency_key).await?.json()
    }

    /// A change, safe to repeat under its idempotency key.
    pub async fn change(&self, method: Method, path: &str, body: &Value, key: &str) -> anyhow::Result<Answer> {
        self.send(|| self.request(method.clone(), path).json(body).header("Idempotency-Key", key)).await
    }

    /// DELETE, safe to repeat under its idempotency key.
    pub async fn remove(&self, path: &str, key: &str) -> anyhow::Result<Answer> {
        self.send(|| self.request(Method::DELETE, path).header("Idempotency-Key", key)).await
    }

    /// Every resource of a list.
    pub async fn all(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let mut found = Vec::new();
        let mut pages = Pages::new(self, path, Vec::new());
        while let Some(page) = pages.next().await? {
            found.extend(page.data);
        }
        Ok(found)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = self.server.url.trim_end_matches('/');
        self.http.request(method, format!("{url}{path}")).bearer_auth(&self.server.key)
    }

    async fn send(&self, request: impl Fn() -> RequestBuilder) -> anyhow::Result<Answer> {
        let mut last = None;
        for attempt in 0..self.tries {
            let pause = match request().send().await {
                Ok(response) if is_passing(response.status()) => retry_after(&response),
                Ok(response) => return understand(response).await,
                Err(error) if error.is_builder() => {
                    return Err(error).context(format!("{} is no address of a server", self.server.url));
                }
                Err(error) => {
                    last = Some(error);
                    None
                }
            };
            if attempt + 1 < self.tries {
                tokio::time::sleep(pause.unwrap_or_else(|| Duration::from_millis(100 << attempt.min(5)))).await;
            }
        }
        match last {
            Some(error) => Err(error).context(format!(
                "{} does not answer: is it the right address (--url, DOCKET_URL or the profile's), and is Docket running?",
                self.server.url
            )),
            None => bail!("{} is too busy; try again later", self.server.url),
        }
    }
}

impl Refused {
    /// Whether the key may not do this.
    pub fn is_forbidden(&self) -> bool {
        self.status == StatusCode::FORBIDDEN
    }
}

impl Answer {
    /// The body, read.
    pub fn json<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        serde_json::from_str(&self.text).context("the server's answer is not Docket's: is the address right?")
    }
}

fn is_passing(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn understand(response: Response) -> anyhow::Result<Answer> {
    let status = response.status();
    let replayed = response.headers().contains_key("idempotency-replayed");
    let text = response.text().await?;
    if status.is_success() {
        return Ok(Answer { text, replayed });
    }
    let problem: Value = serde_json::from_str(&text).unwrap_or_default();
    let detail = problem["detail"].as_str().unwrap_or("no explanation; is it Docket's address?").to_owned();
    let code = problem["code"].as_str().unwrap_or_default().to_owned();
    let hint = match status {
        StatusCode::UNAUTHORIZED => " Run `docket login`, or check --key and DOCKET_KEY.",
        StatusCode::FORBIDDEN => " Ask an admin of the workspace for a key that may do this.",
        _ => "",
    };
    let pointer = problem["errors"][0]["pointer"].as_str().map(str::to_owned);
    Err(Refused { status, code, detail, pointer, hint }.into())
}
