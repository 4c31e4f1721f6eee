//! From the log to what consumers hear: partition by partition, at least once, what happened to one resource in order.
//! Where it goes on is kept in the database; a node that wrongly believes it leads repeats identical messages, which
//! the stream knows.

use std::collections::HashSet;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::context::PublishAckFuture;
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use docket_domain::message::{self, Audience, Message};
use docket_failpoints::failpoint;
use docket_projections::{Deliveries, Reads, Stir};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Names;

/// So many positions at a time.
const WINDOW: i64 = 500;
const RETRY: Duration = Duration::from_millis(500);
const LOOK: Duration = Duration::from_secs(1);

/// The outlet of one node.
pub(super) struct Outlet {
    jetstream: jetstream::Context,
    names: Names,
    reads: Reads,
    deliveries: Deliveries,
    holder: Uuid,
}

impl Outlet {
    pub(super) fn new(
        jetstream: jetstream::Context,
        names: Names,
        reads: Reads,
        deliveries: Deliveries,
        holder: Uuid,
    ) -> Self {
        Self { jetstream, names, reads, deliveries, holder }
    }

    /// Carries until told to stop.
    pub(super) async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let mut stir: Stir = self.reads.stir();
        while !shutdown.is_cancelled() {
            let pause = match self.step().await {
                Ok(0) => LOOK,
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(%error, "consumers hear nothing: will try again");
                    metrics::counter!("docket_outlet_errors_total").increment(1);
                    RETRY
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = stir.next(), if pause == LOOK => {}
                () = sleep(pause) => {}
            }
        }
        Ok(())
    }

    /// Carries the next events of the partitions it leads; answers how many positions those were.
    pub(super) async fn step(&self) -> anyhow::Result<i64> {
        let mut carried = 0;
        for (partition, from, head) in self.deliveries.outlets(self.holder).await? {
            let to = head.min(from + WINDOW);
            self.carry(partition, from, to).await?;
            self.deliveries.carried(partition, from, to).await?;
            carried += to - from;
        }
        Ok(carried)
    }

    async fn carry(&self, partition: i16, from: i64, to: i64) -> anyhow::Result<()> {
        let stream = self.names.ensure_stream(&self.jetstream).await?;
        let (mut acknowledgements, mut on_their_way) = (Vec::new(), HashSet::new());
        for workspace in self.deliveries.workspaces(partition, from, to).await? {
            let mut at = from;
            while at < to {
                let stretch = self.reads.told(workspace, at, WINDOW as usize).await?;
                for message in stretch.events.iter().filter(|message| message.position <= to) {
                    let Some(subject) = self.subject(message) else { continue };
                    if failpoint!("carries-not-all") {
                        continue;
                    }
                    // What is lost on its way comes again behind what was sent with it: never behind what happened to the
                    // same resource.
                    if !on_their_way.insert(message.resource) || message.erases() {
                        settle(&mut acknowledgements).await?;
                        on_their_way = HashSet::from([message.resource]);
                    }
                    if message.erases() {
                        self.forget(&stream, message).await?;
                    }
                    let mut headers = async_nats::HeaderMap::new();
                    headers.insert("Nats-Msg-Id", message.id.as_str());
                    let payload = message.text.clone().into();
                    acknowledgements.push(self.jetstream.publish_with_headers(subject, headers, payload).await?);
                }
                at = stretch.through;
            }
        }
        settle(&mut acknowledgements).await
    }

    /// Takes back what the stream still has of a resource of which something is erased.
    async fn forget(&self, stream: &Stream, erasure: &Message) -> anyhow::Result<()> {
        let told = self.names.events(&format!("{}.{}.*", erasure.workspace, erasure.kind));
        let mut from = 1;
        loop {
            let message = match stream.get_first_raw_message_by_subject(&told, from).await {
                Ok(message) => message,
                Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            from = message.sequence + 1;
            if message::is_about(&message.payload, erasure.resource) {
                stream.delete_message(message.sequence).await?;
            }
        }
    }

    /// Where a message is heard, if anywhere. Only ids and words of ours are in it.
    fn subject(&self, message: &Message) -> Option<String> {
        let event = message.event_type.split_once('.').map_or(message.event_type.as_str(), |(_, event)| event);
        match message.audience {
            Audience::Everybody | Audience::Admins => {
                Some(self.names.events(&format!("{}.{}.{event}", message.workspace, message.kind)))
            }
            Audience::Member(member) if message.push && message.event_type.starts_with("notification.") => {
                Some(self.names.notify(&format!("{}.{member}.{event}", message.workspace)))
            }
            Audience::Member(_) | Audience::Nobody => None,
        }
    }
}

/// Waits until the stream has all that was published.
async fn settle(published: &mut Vec<PublishAckFuture>) -> anyhow::Result<()> {
    for acknowledgement in published.drain(..) {
        acknowledgement.await?;
    }
    Ok(())
}
