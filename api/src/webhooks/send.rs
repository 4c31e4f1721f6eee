//! One attempt to send one message.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use docket_domain::signatures::{Secret, sign};
use docket_domain::webhook::Fields;
use docket_projections::Attempt;
use reqwest::dns::Resolve;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Response, Url};
use tokio::time::timeout;
use uuid::Uuid;

use super::reach::{Admitted, NOT_ADMITTED, Reach, System};
use super::turn::AT_ONCE;
use crate::network::Network;

/// A receiver has so long to answer.
const PATIENCE: Duration = Duration::from_secs(15);
const CONNECTING: Duration = Duration::from_secs(5);
/// How long, and how long a time, what is answered besides the status may be for the connection to be kept.
const SHORT: usize = 16 * 1024;
const REST: Duration = Duration::from_millis(200);
/// Connections are kept for so long: less than it takes most receivers to close them.
const KEPT: Duration = Duration::from_secs(4);

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
    secret: Arc<[u8]>,
}

impl Sender {
    /// Sends to public addresses, and to these networks, whose receivers these authorities may vouch for besides the public
    /// ones. What it signs with follows from `secret`.
    pub fn new(networks: &[Network], authorities: &[Certificate], secret: &[u8]) -> anyhow::Result<Self> {
        Self::asking(Arc::new(System), networks, authorities, secret)
    }

    /// The same, with names from elsewhere.
    pub fn asking(
        names: Arc<dyn Resolve>,
        networks: &[Network],
        authorities: &[Certificate],
        secret: &[u8],
    ) -> anyhow::Result<Self> {
        let (encrypted, plain) = (Reach::encrypted(networks), Reach::plain(networks));
        Ok(Self {
            encrypted: (client(encrypted.clone(), names.clone(), authorities)?, encrypted),
            plain: (client(plain.clone(), names, &[])?, plain),
            secret: secret.into(),
        })
    }

    /// The secrets that a webhook's messages are signed with at a moment, the present one first.
    pub fn secrets(&self, webhook: Uuid, fields: &Fields, now: DateTime<Utc>) -> Vec<Secret> {
        let is_rotating = fields.previous_secret_until.is_some_and(|until| until > now);
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
        let now = Utc::now();
        let (timestamp, secrets) = (now.timestamp(), self.secrets(webhook, fields, now));
        let request = client
            .post(url)
            .header("content-type", "application/cloudevents+json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", sign(id, timestamp, body, &secrets))
            .body(body.to_owned());
        let response = request.send().await.map_err(|error| innermost(&error.without_url()))?;
        let status = response.status().as_u16();
        let _ = timeout(REST, pass_over(response)).await;
        Ok(status)
    }
}

/// What is answered besides the status is nothing to us. If it is short it is taken off the connection, which can be used
/// again then; else the connection is closed.
async fn pass_over(mut response: Response) {
    let mut length = 0;
    while let Ok(Some(piece)) = response.chunk().await {
        length += piece.len();
        if length > SHORT {
            break;
        }
    }
}

fn client(reach: Reach, names: Arc<dyn Resolve>, authorities: &[Certificate]) -> anyhow::Result<Client> {
    let client = authorities.iter().cloned().fold(Client::builder(), ClientBuilder::add_root_certificate);
    let client = client
        .user_agent(concat!("Docket/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(Admitted { reach, names }))
        .connect_timeout(CONNECTING)
        .timeout(PATIENCE)
        .pool_max_idle_per_host(AT_ONCE)
        .pool_idle_timeout(KEPT);
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
