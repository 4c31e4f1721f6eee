//! What Docket and the consumers' nats-server know of each other: one file for each, made together.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_nats::{Client, ConnectOptions, Event};
use nkeys::KeyPair;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::cli::private::write_private;

/// Docket's side.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Where the server is, `nats://host:port`.
    pub url: String,
    /// The seed of the key that signs who comes in as what.
    issuer: String,
    /// The password of who answers the server's questions.
    auth: String,
    /// The password of who brings what is to be heard.
    out: String,
    /// The password of who sends away.
    system: String,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Secrets {
    /// New ones, for a server at this address.
    pub fn draw(url: &str) -> anyhow::Result<Self> {
        let word = || hex::encode(rand::random::<[u8; 24]>());
        let issuer = KeyPair::new_from_raw(nkeys::KeyPairType::Account, rand::random())?.seed()?;
        Ok(Self { url: url.to_owned(), issuer, auth: word(), out: word(), system: word() })
    }

    /// Reads Docket's file.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} was not made by `docket consumers new`", file.display()))
    }

    /// Writes Docket's file.
    pub fn write(&self, file: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        write_private(file, &text).with_context(|| format!("can't write {}", file.display()))
    }

    /// The key that signs who comes in as what.
    pub fn issuer(&self) -> anyhow::Result<KeyPair> {
        KeyPair::from_seed(&self.issuer).context("the issuer is no seed")
    }

    /// The server's configuration: three accounts, and nobody comes in without being asked about.
    pub fn configuration(&self, listen: &str) -> anyhow::Result<String> {
        let (issuer, Self { auth, out, system, .. }) = (self.issuer()?.public_key(), self);
        Ok(format!(
            r#"# Made by `docket consumers new`. TLS is for you to add.
server_name: docket-consumers
listen: "{listen}"
jetstream {{ store_dir: "./jetstream" }}
# No message is longer.
max_payload: 512KB
accounts {{
  AUTH: {{ users: [{{ user: "docket-auth", password: "{auth}" }}] }}
  CONSUMERS: {{
    jetstream: enabled
    # Of each connection.
    limits: {{ max_subscriptions: 100 }}
    users: [{{ user: "docket-out", password: "{out}" }}]
  }}
  SYS: {{ users: [{{ user: "docket-system", password: "{system}" }}] }}
}}
system_account: SYS
authorization {{
  timeout: 5
  auth_callout {{ issuer: {issuer}, account: AUTH, auth_users: [ "docket-auth", "docket-out", "docket-system" ] }}
}}
"#
        ))
    }

    /// Connections as who answers, who brings, and who sends away; and for the last, whenever there is one again.
    pub async fn connect(&self) -> anyhow::Result<(Client, Client, (Client, Arc<Notify>))> {
        let found = Arc::new(Notify::new());
        let tell = found.clone();
        let system = options("docket-system", &self.system).event_callback(move |event| {
            if matches!(event, Event::Connected) {
                tell.notify_one();
            }
            std::future::ready(())
        });
        let connect =
            async |options: ConnectOptions| options.connect(&self.url).await.context("can't use the consumers' NATS");
        Ok((
            connect(options("docket-auth", &self.auth)).await?,
            connect(options("docket-out", &self.out)).await?,
            (connect(system).await?, found),
        ))
    }

    /// Whether the server is there and lets Docket in.
    pub async fn answers(&self) -> bool {
        let options = ConnectOptions::with_user_and_password("docket-out".to_owned(), self.out.clone());
        let Ok(client) = options.connect(&self.url).await else { return false };
        async_nats::jetstream::new(client).query_account().await.is_ok()
    }
}

fn options(user: &str, password: &str) -> ConnectOptions {
    ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
        .name("docket")
        .retry_on_initial_connect()
        .max_reconnects(None)
        .reconnect_delay_callback(|attempts| Duration::from_millis(50 * u64::min(attempts as u64, 40)))
}
