//! One attempt to send one message.

use std::time::{Duration, Instant};

use chrono::Utc;
use docket_domain::signatures::{Secret, sign};
use docket_domain::webhook::Fields;
use docket_projections::Attempt;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use uuid::Uuid;

use super::reach::{NOT_ADMITTED, Network, Reach};

/// A receiver has so long to answer.
const PATIENCE: Duration = Duration::from_secs(15);
const CONNECTING: Duration = Duration::from_secs(5);

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The message's id: the same in each attempt.
    pub id: &'a str,
    /// The message.
    pub body: &'a str,
}

/// Sends messages. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    encrypted: (Client, Reach),
    plain: (Client, Reach),
    secret: std::sync::Arc<[u8]>,
}

impl Sender {
    /// Sends to public addresses, and to these networks. What it signs with follows from `secret`.
    pub fn new(networks: &[Network], secret: &[u8]) -> anyhow::Result<Self> {
        let (encrypted, plain) = (Reach::encrypted(networks), Reach::plain(networks));
        Ok(Self {
            encrypted: (client(encrypted.clone())?, encrypted),
            plain: (client(plain.clone())?, plain),
            secret: secret.into(),
        })
    }

    /// The secrets that a webhook's messages are signed with now, the present one first.
    pub fn secrets(&self, webhook: Uuid, fields: &Fields) -> Vec<Secret> {
        let is_rotating = fields.previous_secret_until.is_some_and(|until| until > Utc::now());
        let generations = [Some(fields.secret_generation), is_rotating.then_some(fields.secret_generation - 1)];
        let secret = |generation| Secret::derived(&self.secret, webhook, generation);
        generations.into_iter().flatten().map(secret).collect()
    }

    /// Makes one attempt. Only an answer of 2xx counts as taken.
    pub async fn send(&self, webhook: Uuid, fields: &Fields, message: Outgoing<'_>) -> Attempt {
        let begun = Instant::now();
        let (status, error) = match self.answer(webhook, fields, message).await {
            Ok(status) if (200..300).contains(&status) => (Some(status), None),
            Ok(status) => (Some(status), Some(format!("answered {status}"))),
            Err(why) => (None, Some(why)),
        };
        Attempt { status, error, took: begun.elapsed() }
    }

    async fn answer(&self, webhook: Uuid, fields: &Fields, Outgoing { id, body }: Outgoing<'_>) -> Result<u16, String> {
        let url = Url::parse(&fields.url).map_err(|error| error.to_string())?;
        let (client, reach) = if url.scheme() == "https" { &self.encrypted } else { &self.plain };
        if !reach.admits_url(&url) {
            return Err(NOT_ADMITTED.to_owned());
        }
        let timestamp = Utc::now().timestamp();
        let request = client
            .post(url)
            .header("content-type", "application/cloudevents+json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", sign(id, timestamp, body, &self.secrets(webhook, fields)))
            .body(body.to_owned());
        // What is answered besides the status is not read: the connection is closed.
        let response = request.send().await.map_err(|error| innermost(&error.without_url()))?;
        Ok(response.status().as_u16())
    }
}

fn client(reach: Reach) -> anyhow::Result<Client> {
    let client = Client::builder()
        .user_agent(concat!("Docket/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .no_proxy()
        .dns_resolver(std::sync::Arc::new(reach))
        .connect_timeout(CONNECTING)
        .timeout(PATIENCE)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(Duration::from_secs(10));
    Ok(client.build()?)
}

/// The cause of an error, in few words.
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} seconds", PATIENCE.as_secs());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
