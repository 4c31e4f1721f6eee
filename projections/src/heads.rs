//! How far the log is, seen from this node: by looking every now and then, and, while nothing comes by NATS, by being
//! told by the database.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_postgres::{AsyncMessage, Client};
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::db::{Address, Pool};
use crate::model::NAMES;

/// How often it is looked at.
pub(crate) const TICK: Duration = Duration::from_millis(50);
const RETRY: Duration = Duration::from_millis(500);

/// How far one partition is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// As last seen.
    pub(crate) now: i64,
    /// As seen a while ago: what is older than that should have come by NATS.
    pub(crate) before: i64,
}

/// How far all partitions are. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Heads {
    partitions: Arc<Vec<watch::Sender<Head>>>,
}

impl Heads {
    pub(crate) fn new(partitions: i16) -> Self {
        Self { partitions: Arc::new((0..partitions).map(|_| watch::Sender::default()).collect()) }
    }

    /// Follows one partition.
    pub(crate) fn follow(&self, partition: i16) -> Option<watch::Receiver<Head>> {
        self.of(partition).map(watch::Sender::subscribe)
    }

    fn of(&self, partition: i16) -> Option<&watch::Sender<Head>> {
        usize::try_from(partition).ok().and_then(|index| self.partitions.get(index))
    }

    fn seen(&self, partition: i16, position: i64) {
        if let Some(head) = self.of(partition) {
            head.send_if_modified(|head| {
                let next = Head { now: position.max(head.now), before: head.now };
                std::mem::replace(head, next) != next
            });
        }
    }

    fn told(&self, payload: &str) {
        let Some((partition, position)) = payload.split_once(':') else { return };
        let (Ok(partition), Ok(position)) = (partition.parse(), position.parse::<i64>()) else { return };
        if let Some(head) = self.of(partition) {
            head.send_if_modified(|head| {
                let further = position > head.now;
                head.now = position.max(head.now);
                further
            });
        }
    }

    /// Looks and listens until cancelled. `deaf` says whether NATS brings nothing just now.
    pub(crate) async fn watch(&self, pool: Pool, address: Address, deaf: impl Fn() -> bool, stop: CancellationToken) {
        tokio::select! {
            () = self.look(&pool) => {}
            () = self.listen(&address, deaf) => {}
            () = stop.cancelled() => {}
        }
    }

    async fn look(&self, pool: &Pool) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.look_once(pool).await {
                tracing::warn!(%error, "the head of the log can't be read");
                sleep(RETRY).await;
            }
        }
    }

    async fn look_once(&self, pool: &Pool) -> Result<(), Error> {
        let sql = format!(
            "select h.partition, h.position, coalesce(p.position, 0), \
             case when p.position < h.position then extract(epoch from now() - p.recorded_at)::float8 else 0 end, \
             (select count(*) from read.parked k where k.partition = h.partition), \
             (select extract(epoch from now() - e.recorded_at)::float8 from log.events e \
             where e.partition = h.partition and e.position = coalesce((select w.position from audit.witnessed w \
             where w.partition = h.partition), 0) + 1) \
             from log.heads h left join ({}) p(partition, position, recorded_at) on p.partition = h.partition",
            every_position()
        );
        for row in pool.get().await?.rows(&sql, &[]).await? {
            let (partition, head, position): (i16, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let seconds: Option<f64> = row.try_get(3)?;
            let parked: i64 = row.try_get(4)?;
            let unsigned: Option<f64> = row.try_get(5)?;
            let name = partition.to_string();
            metrics::gauge!("docket_log_position", "partition" => name.clone()).set(head as f64);
            metrics::gauge!("docket_projection_parked", "partition" => name.clone()).set(parked as f64);
            metrics::gauge!("docket_projection_lag_events", "partition" => name.clone()).set((head - position) as f64);
            metrics::gauge!("docket_audit_lag_seconds", "partition" => name.clone()).set(unsigned.unwrap_or(0.0));
            metrics::gauge!("docket_projection_lag_seconds", "partition" => name).set(seconds.unwrap_or(0.0));
            self.seen(partition, head);
        }
        Ok(())
    }

    /// Being told costs the database something with each commit, so it is asked for only while it is needed.
    async fn listen(&self, address: &Address, deaf: impl Fn() -> bool) {
        let mut line: Option<(Client, mpsc::UnboundedReceiver<AsyncMessage>)> = None;
        loop {
            match &mut line {
                None if deaf() => match call(address).await {
                    Ok(open) => line = Some(open),
                    Err(_) => sleep(RETRY).await,
                },
                Some((client, _)) if client.is_closed() || !deaf() => line = None,
                None => sleep(TICK).await,
                Some((_, messages)) => tokio::select! {
                    message = messages.recv() => match message {
                        Some(AsyncMessage::Notification(note)) => self.told(note.payload()),
                        Some(_) => {}
                        None => line = None,
                    },
                    () = sleep(RETRY) => {}
                },
            }
        }
    }
}

async fn call(address: &Address) -> Result<(Client, mpsc::UnboundedReceiver<AsyncMessage>), Error> {
    let (hear, heard) = mpsc::unbounded_channel();
    let client = address.listen(hear).await?;
    client.batch_execute("listen docket").await?;
    Ok((client, heard))
}

/// Selects (partition, the position that all models have reached, when the event there was recorded).
fn every_position() -> String {
    let each: Vec<_> =
        NAMES.iter().map(|name| format!("select partition, position, recorded_at from {name}_at")).collect();
    format!(
        "select partition, min(position), min(recorded_at) from ({}) each group by partition",
        each.join(" union all ")
    )
}
