//! Going through the endpoints that there is something for. Each has turns, of which whoever holds its cursor takes care;
//! how long one takes is nothing to the others.

use std::time::Duration;

use docket_projections::{Deliveries, Reads};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::send::Sender;
use super::turn::Turn;

/// So many endpoints are sent to at a time.
const AT_ONCE: usize = 256;
/// How often it is looked for what became due.
const LOOK: Duration = Duration::from_millis(250);
/// So much is gathered before it is looked again.
const GATHER: Duration = Duration::from_millis(20);
/// So long it may take to write down how far each is.
const PARTING: Duration = Duration::from_secs(2);

/// Sends what webhooks are to be sent. Cheap to clone.
#[derive(Clone)]
pub struct Worker {
    pub(super) reads: Reads,
    pub(super) deliveries: Deliveries,
    pub(super) sender: Sender,
}

impl Worker {
    /// A worker over these cursors.
    pub fn new(reads: Reads, deliveries: Deliveries, sender: Sender) -> Self {
        Self { reads, deliveries, sender }
    }

    /// Sends until told to stop.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut turns = JoinSet::new();
        let mut stir = self.reads.stir();
        while !shutdown.is_cancelled() {
            while turns.try_join_next().is_some() {}
            if let Err(error) = self.begin(&mut turns, &shutdown).await {
                tracing::warn!(%error, "webhooks: will try again");
                metrics::counter!("docket_webhook_errors_total").increment(1);
                sleep(LOOK).await;
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = async { stir.next().await; sleep(GATHER).await; } => {}
                () = sleep(LOOK) => {}
            }
        }
        // What is under way is given up: it is not known to be taken, so it is sent again.
        let _ = timeout(PARTING, async { while turns.join_next().await.is_some() {} }).await;
        turns.shutdown().await;
    }

    async fn begin(
        &self,
        turns: &mut JoinSet<()>,
        shutdown: &CancellationToken,
    ) -> Result<(), docket_projections::Error> {
        self.deliveries.register().await?;
        let room = AT_ONCE.saturating_sub(turns.len());
        for endpoint in self.deliveries.claim(room as i64).await? {
            let (turn, shutdown) = (Turn::new(self.clone(), endpoint), shutdown.clone());
            turns.spawn(async move {
                if let Err(error) = turn.run(&shutdown).await {
                    tracing::warn!(%error, "a webhook is left until its time has run out");
                }
            });
        }
        Ok(())
    }
}
