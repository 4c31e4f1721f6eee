//! Those who listen over NATS while everything is broken: a member of each workspace, with the durable consumer of a key.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use async_nats::ConnectOptions;
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use crate::cluster::Cluster;
use crate::history::{Heard, History};

/// How long it may take until one is let in, before anything goes wrong.
const PATIENCE: Duration = Duration::from_mins(1);
const AGAIN: Duration = Duration::from_millis(200);

/// Somebody who listens.
pub struct Ear {
    url: String,
    stream: String,
    member: Uuid,
    key: String,
    token: String,
    history: Rc<RefCell<History>>,
}

impl Ear {
    /// With a key that is the member's, as it was minted.
    pub fn new(cluster: &Cluster, member: Uuid, minted: &Value, history: Rc<RefCell<History>>) -> Result<Self> {
        let (url, stream) = (cluster.between.consumers_url(), format!("{}-OUT", cluster.installation.to_uppercase()));
        let text =
            |name: &str| minted[name].as_str().map(str::to_owned).with_context(|| format!("a key has no {name}"));
        Ok(Self { url, stream, member, key: text("id")?, token: text("token")?, history })
    }

    /// Listens for as long as it is let, from now on.
    pub async fn listen(self) -> Result<JoinHandle<()>> {
        let begun = Instant::now();
        // From the first time on, its consumer keeps what it has not had.
        while let Err(error) = self.come().await {
            anyhow::ensure!(begun.elapsed() < PATIENCE, "nobody is let in over NATS: {error:#}");
            sleep(AGAIN).await;
        }
        let mut history = self.history.borrow_mut();
        history.listening.insert(self.member, chrono::Utc::now());
        history.heard.insert(self.member, Vec::new());
        drop(history);
        Ok(tokio::task::spawn_local(async move {
            loop {
                if let Ok(client) = self.come().await {
                    while let Ok(Ok(())) = timeout(Duration::from_secs(10), self.take(&client)).await {}
                }
                sleep(AGAIN).await;
            }
        }))
    }

    async fn come(&self) -> Result<async_nats::Client> {
        let options = ConnectOptions::with_token(self.token.clone())
            .max_reconnects(1)
            .connection_timeout(Duration::from_secs(5))
            .custom_inbox_prefix(format!("_INBOX_{}", self.key));
        Ok(options.connect(&self.url).await?)
    }

    /// Takes what there is now, and says so.
    async fn take(&self, client: &async_nats::Client) -> Result<()> {
        let inbox = client.new_inbox();
        let mut replies = client.subscribe(inbox.clone()).await?;
        let next = format!("$JS.API.CONSUMER.MSG.NEXT.{}.key-{}", self.stream, self.key);
        let asked = json!({"batch": 100, "expires": 2_000_000_000_u64}).to_string();
        client.publish_with_reply(next, inbox, asked.into()).await?;
        while let Some(message) = timeout(Duration::from_secs(4), replies.next()).await.context("silence")? {
            // The end of the batch, or that there is nothing.
            if message.status.is_some() {
                return Ok(client.flush().await?);
            }
            let told: Value = serde_json::from_slice(&message.payload)?;
            let heard = Heard::of(&told).context("a message is not as it should be")?;
            self.history.borrow_mut().heard.entry(self.member).or_default().push(heard);
            client.publish(message.reply.context("a message without a reply")?, "+ACK".into()).await?;
        }
        anyhow::bail!("the server is gone")
    }
}
