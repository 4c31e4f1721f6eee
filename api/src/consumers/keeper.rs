//! A key's own consumer, which remembers what it has had: whoever was away gets all of it. What they were sent and did not
//! acknowledge before they were cut off comes at once and again in order, not after what is newer: the consumer is made
//! anew where they were.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, Info, pull};
use async_nats::jetstream::context::{ConsumerInfoError, ConsumerInfoErrorKind};
use async_nats::jetstream::stream::Stream;
use tokio::sync::Mutex;

use super::Names;
use super::grants::Grants;

/// A consumer that nobody comes for is forgotten after that.
const UNUSED: Duration = Duration::from_hours(30 * 24);
/// So many keys are looked after at a time.
const TURNS: usize = 64;

/// Keeps the consumers of all keys. Cheap to clone.
#[derive(Clone)]
pub(super) struct Keeper {
    jetstream: jetstream::Context,
    names: Names,
    /// Of two connections of one key, the second waits until the first has been seen to.
    turns: Arc<[Mutex<()>; TURNS]>,
}

impl Keeper {
    pub(super) fn new(jetstream: jetstream::Context, names: Names) -> Self {
        Self { jetstream, names, turns: Arc::new(std::array::from_fn(|_| Mutex::default())) }
    }

    /// Sees to it that the key has its consumer, and that this is where the key is.
    ///
    /// Between a consumer and the next of its name there is none. So that whoever is interrupted then, or looks for it
    /// then from another node, still knows where it was, a bookmark is there: a consumer beside it, of which nothing is
    /// asked but where it begins.
    pub(super) async fn keep(&self, grants: &Grants) -> anyhow::Result<()> {
        let key = grants.pass.key.0.as_u128();
        let _turn = self.turns[(key % TURNS as u128) as usize].lock().await;
        let stream = self.names.ensure_stream(&self.jetstream).await?;
        let (name, bookmark) = (grants.pass.consumer(), grants.pass.bookmark());
        let consumer = |name: &str, deliver_policy| pull::Config {
            durable_name: Some(name.to_owned()),
            filter_subjects: grants.brings(&self.names),
            ack_policy: AckPolicy::Explicit,
            deliver_policy,
            inactive_threshold: UNUSED,
            ..pull::Config::default()
        };
        let begin = match find(&stream, &name).await? {
            Some(info) if info.num_ack_pending == 0 => info.config.deliver_policy,
            Some(info) => {
                let begin = DeliverPolicy::ByStartSequence { start_sequence: info.ack_floor.stream_sequence + 1 };
                forget(&stream, &bookmark).await;
                stream.create_consumer(consumer(&bookmark, begin)).await?;
                forget(&stream, &name).await;
                begin
            }
            None => find(&stream, &bookmark).await?.map_or(DeliverPolicy::New, |info| info.config.deliver_policy),
        };
        stream.create_consumer(consumer(&name, begin)).await?;
        forget(&stream, &bookmark).await;
        Ok(())
    }
}

async fn find(stream: &Stream, name: &str) -> Result<Option<Info>, ConsumerInfoError> {
    match stream.consumer_info(name).await {
        Ok(info) => Ok(Some(info)),
        Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Deletes a consumer, if there is one. Should that fail, the next one that is made in its place is refused.
async fn forget(stream: &Stream, name: &str) {
    let _ = stream.delete_consumer(name).await;
}
