//! What reaches those who listen, and how soon: nothing missing over many forced disconnects (`torn.rs`), the time from a
//! command's 2xx to who hears of it (`soon.rs`), and many at once (`crowd.rs`). Measured only when asked for by name, for it
//! kills servers.

mod crowd;
mod ear;
mod heard;
mod hook;
mod nats;
mod soon;
mod torn;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Client;
use crate::load::Target;
use crate::stage::Stage;

/// Measures and reports all three.
pub async fn run(stage: &mut Stage) -> Result<()> {
    soon::run(stage).await?;
    crowd::run(stage).await?;
    torn::run(stage).await
}

/// A key like this, the owner's unless it says otherwise: its id, and how to come in with it.
async fn key(stage: &Stage, client: &mut Client, mut like: Value) -> Result<(Uuid, Target)> {
    like["label"] = json!("listener");
    let made = client.post("/v1/keys", &like).await?;
    let token = made["token"].as_str().context("a new key has no token")?.to_owned();
    let target = Target { address: stage.docket.target.address.clone(), key: Some(token) };
    Ok((crate::client::id(&made)?, target))
}

/// The whole text of a member of a message.
fn text<'a>(message: &'a Value, pointer: &str) -> &'a str {
    message.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
