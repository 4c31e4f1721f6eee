//! What JetStream says has happened in one partition.
//!
//! An ephemeral consumer that starts with what is new: how far the models are is known from their checkpoints alone, and
//! whatever did not come this way is read from the log. So nothing has to be remembered or acknowledged here, and a
//! stream that was wiped, or has lost messages, is only a reason to look into the log.
//!
//! A message whose body bears the log's seal is taken at its word, if it is all of the event: what is personal does not
//! travel. Any other is a hint to look into the log.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use docket_domain::{Recorded, envelope};
use futures::StreamExt;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How many events may wait between the network and the projector.
const WAITING: usize = 2_000;
const HEARTBEAT: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_millis(500);

/// Where to listen.
#[derive(Clone)]
pub(crate) struct Station {
    pub(crate) context: jetstream::Context,
    pub(crate) prefix: String,
    pub(crate) secret: Arc<[u8]>,
}

/// Something that was heard.
pub(crate) enum Heard {
    /// An event, as the log has it.
    Event(Box<Recorded>),
    /// The log may have come this far.
    Hint(i64),
}

impl Heard {
    /// The position it is about.
    pub(crate) fn position(&self) -> i64 {
        match self {
            Self::Event(event) => event.position,
            Self::Hint(position) => *position,
        }
    }
}

/// What is heard of one partition.
pub(crate) struct Feed {
    heard: mpsc::Receiver<Heard>,
    connected: watch::Receiver<bool>,
    _stop: tokio_util::sync::DropGuard,
}

impl Feed {
    /// Listens until dropped. Without a station it hears nothing.
    pub(crate) fn open(station: Option<Station>, partition: i16) -> Self {
        let (hear, heard) = mpsc::channel(WAITING);
        let (connect, connected) = watch::channel(false);
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move {
            let listening = async {
                match station {
                    Some(station) => listen(&station, partition, &hear, &connect).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = listening => {}
                () = stopped.cancelled() => {}
            }
        });
        Self { heard, connected, _stop: stop.drop_guard() }
    }

    /// Whether news would come this way.
    pub(crate) fn is_connected(&self) -> bool {
        *self.connected.borrow()
    }

    /// The next thing that is heard.
    pub(crate) async fn next(&mut self) -> Heard {
        match self.heard.recv().await {
            Some(heard) => heard,
            None => std::future::pending().await,
        }
    }

    /// The next thing, if it has been heard already.
    pub(crate) fn try_next(&mut self) -> Option<Heard> {
        self.heard.try_recv().ok()
    }
}

async fn listen(station: &Station, partition: i16, hear: &mpsc::Sender<Heard>, connect: &watch::Sender<bool>) {
    loop {
        if let Ok(mut messages) = messages(station, partition).await {
            connect.send_replace(true);
            while let Some(Ok(message)) = messages.next().await {
                if let Some(heard) = hear_out(station, partition, &message)
                    && hear.send(heard).await.is_err()
                {
                    return;
                }
            }
        }
        connect.send_replace(false);
        sleep(RETRY).await;
    }
}

async fn messages(station: &Station, partition: i16) -> Result<pull::Stream, async_nats::Error> {
    let config = pull::Config {
        filter_subject: envelope::partition_subjects(&station.prefix, partition),
        deliver_policy: DeliverPolicy::New,
        ack_policy: AckPolicy::None,
        memory_storage: true,
        num_replicas: 1,
        inactive_threshold: Duration::from_secs(30),
        ..pull::Config::default()
    };
    let stream = envelope::stream_name(&station.prefix);
    let consumer = station.context.create_consumer_on_stream(config, stream).await?;
    Ok(consumer.stream().max_messages_per_batch(1_000).heartbeat(HEARTBEAT).messages().await?)
}

fn hear_out(station: &Station, partition: i16, message: &async_nats::Message) -> Option<Heard> {
    /// As much of an event as a hint needs.
    #[derive(Deserialize)]
    struct Place {
        partition: i16,
        position: i64,
    }
    let sealed = message.headers.as_ref().and_then(|headers| headers.get(envelope::SEAL)).is_some_and(|seal| {
        envelope::seal(&station.secret, &message.payload).as_bytes().ct_eq(seal.as_str().as_bytes()).into()
    });
    if sealed
        && let Ok(event) = serde_json::from_slice::<Recorded>(&message.payload)
        && event.partition == partition
        && !event.is_withheld()
    {
        return Some(Heard::Event(Box::new(event)));
    }
    metrics::counter!("docket_projection_hints_total").increment(1);
    let place: Place = serde_json::from_slice(&message.payload).ok()?;
    (place.partition == partition).then_some(Heard::Hint(place.position))
}
