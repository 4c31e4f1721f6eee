//! How far the log is: told by the database as soon as it is known, for as long as anybody here waits for it.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::AsyncMessage;

use crate::Error;
use crate::db::Address;

const RETRY: Duration = Duration::from_millis(500);
/// Without being told, one looks.
const LOOK: Duration = Duration::from_secs(1);

/// The heads of all partitions.
pub(crate) struct Bell {
    address: Address,
    heads: Arc<Heads>,
    line: Mutex<Weak<Line>>,
}

/// How far each partition is, and a bell for all of them.
struct Heads {
    partitions: Vec<watch::Sender<i64>>,
    any: watch::Sender<()>,
}

/// Hears when anything happens anywhere.
pub struct Stir {
    changes: watch::Receiver<()>,
    _line: Arc<Line>,
}

impl Stir {
    /// Waits until something has happened since the last time.
    pub async fn next(&mut self) {
        let _ = self.changes.changed().await;
    }
}

/// Somebody is listening; nobody is any more when the last of these is dropped.
pub(crate) struct Line(JoinHandle<()>);

impl Drop for Line {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Bell {
    pub(crate) fn new(address: Address, partitions: i16) -> Self {
        let heads = (0..partitions).map(|_| watch::Sender::new(0)).collect();
        let heads = Heads { partitions: heads, any: watch::Sender::new(()) };
        Self { address, heads: Arc::new(heads), line: Mutex::default() }
    }

    /// Follows the head of a partition; none, if there is no such partition.
    pub(crate) fn follow(&self, partition: i16) -> Option<(watch::Receiver<i64>, Arc<Line>)> {
        let head = self.heads.partitions.get(usize::try_from(partition).ok()?)?.subscribe();
        Some((head, self.line()))
    }

    /// Hears of all partitions.
    pub(crate) fn stir(&self) -> Stir {
        Stir { changes: self.heads.any.subscribe(), _line: self.line() }
    }

    fn line(&self) -> Arc<Line> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let open = line.upgrade().unwrap_or_else(|| {
            let (address, heads) = (self.address.clone(), self.heads.clone());
            Arc::new(Line(tokio::spawn(async move { listen(&address, &heads).await })))
        });
        *line = Arc::downgrade(&open);
        open
    }
}

async fn listen(address: &Address, heads: &Heads) {
    loop {
        if let Err(error) = hear(address, heads).await {
            tracing::warn!(%error, "the log's head can't be followed; trying again");
        }
        sleep(RETRY).await;
    }
}

async fn hear(address: &Address, heads: &Heads) -> Result<(), Error> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let client = address.listen(tell).await?;
    client.batch_execute("listen docket").await?;
    loop {
        for row in client.query("select partition, position from log.heads", &[]).await? {
            let partition: i16 = row.try_get(0)?;
            is_at(heads, usize::try_from(partition).unwrap_or(usize::MAX), row.try_get(1)?);
        }
        while let Ok(message) = timeout(LOOK, told.recv()).await {
            match message {
                Some(AsyncMessage::Notification(note)) => {
                    let Some((partition, position)) = note.payload().split_once(':') else { continue };
                    if let (Ok(partition), Ok(position)) = (partition.parse(), position.parse()) {
                        is_at(heads, partition, position);
                    }
                }
                Some(_) => {}
                None => return Ok(()),
            }
        }
    }
}

fn is_at(heads: &Heads, partition: usize, position: i64) {
    if let Some(head) = heads.partitions.get(partition) {
        let further = head.send_if_modified(|head| {
            let further = position > *head;
            *head = position.max(*head);
            further
        });
        if further {
            heads.any.send_replace(());
        }
    }
}
