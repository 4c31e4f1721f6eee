//! A consumer on NATS.

use std::time::Duration;

use anyhow::{Context, Result};
use async_nats::{Client, ConnectOptions};
use futures::StreamExt;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::load::Target;

/// What Docket's stream for consumers is called.
const STREAM: &str = "DOCKET-OUT";
/// So many messages are asked for at a time.
const BATCH: usize = 200;

/// Comes in with a key.
pub async fn connect(url: &str, key: Uuid, target: &Target) -> Result<Client> {
    let options = ConnectOptions::with_token(target.key.clone().unwrap_or_default())
        .connection_timeout(Duration::from_secs(5))
        .custom_inbox_prefix(format!("_INBOX_{key}"));
    options.connect(url).await.context("cannot come in over NATS")
}

/// Takes what the key's own consumer has, in batches, and says so; `take` is called with each message before that.
pub async fn take(client: &Client, key: Uuid, mut take: impl FnMut(Value)) -> Result<()> {
    let inbox = client.new_inbox();
    let mut replies = client.subscribe(inbox.clone()).await?;
    let next = format!("$JS.API.CONSUMER.MSG.NEXT.{STREAM}.key-{key}");
    let asked = json!({"batch": BATCH, "expires": 2_000_000_000_u64}).to_string();
    client.publish_with_reply(next, inbox, asked.into()).await?;
    for _ in 0..BATCH {
        let Ok(Some(message)) = tokio::time::timeout(Duration::from_secs(3), replies.next()).await else { break };
        // There is nothing more just now.
        if message.status.is_some() {
            break;
        }
        take(serde_json::from_slice(&message.payload)?);
        client.publish(message.reply.context("a message without a reply")?, "+ACK".into()).await?;
    }
    client.flush().await?;
    Ok(())
}
