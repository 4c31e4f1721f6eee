//! Keeping the proof that a history is unaltered: per partition, beside the read models and in no hurry, every event's
//! stored bytes go into its workspace's Merkle tree, and the tree's root is signed.
//!
//! This is no read model: it is never made anew from the log, nothing in it is ever parked, and it reads the log itself,
//! for only there are the bytes. What was witnessed stays witnessed; if the log was changed since, that shows.

mod export;
mod grow;
mod pace;
mod query;
mod tiles;

use std::sync::Arc;

use docket_domain::audit::{Checkpoint, Frontier, Hash, Keyring};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Error;
use crate::db::Pool;
use crate::heads::Head;
use grow::Growth;
use pace::{MOST, Rest};

pub(crate) use grow::line;
pub(crate) use tiles::{WIDTH as TILE, places};

pub use export::Exported;
pub use query::{Consistency, Inclusion, SignedTree, Sought};

/// The witness of one partition.
pub(crate) struct Notary {
    partition: i16,
    pool: Pool,
    keys: Option<Arc<Keyring>>,
}

/// The tree of a workspace.
pub(crate) struct Tree {
    pub(crate) workspace: Uuid,
    pub(crate) frontier: Frontier,
    pub(crate) keys: String,
}

impl Notary {
    pub(crate) fn new(partition: i16, pool: Pool, keys: Option<Arc<Keyring>>) -> Self {
        Self { partition, pool, keys }
    }

    /// Witnesses what happens until cancelled.
    pub(crate) async fn run(self, mut head: watch::Receiver<Head>, stop: CancellationToken) {
        tokio::select! {
            () = self.witness(&mut head) => {}
            () = stop.cancelled() => {}
        }
    }

    async fn witness(&self, head: &mut watch::Receiver<Head>) {
        let mut resigned = false;
        loop {
            head.borrow_and_update();
            let done = if resigned { self.step().await } else { self.sign_again().await.map(|()| MOST) };
            resigned |= done.is_ok();
            if let Err(error) = &done {
                metrics::counter!("docket_audit_errors_total").increment(1);
                tracing::error!(partition = self.partition, %error, "the history can't be witnessed");
            }
            let rest = Rest::after(&done);
            if rest.until_told && head.changed().await.is_err() {
                return;
            }
            sleep(rest.then).await;
        }
    }

    /// Takes in the next events; answers how many there were.
    pub(crate) async fn step(&self) -> Result<i64, Error> {
        let mut session = self.pool.get().await?;
        let from = self.position(&mut session).await?;
        let events = grow::read(&mut session, self.partition, from, MOST).await?;
        if events.is_empty() {
            return Ok(0);
        }
        let to = from + events.len() as i64;
        let workspaces: Vec<Uuid> = events.iter().map(|event| event.workspace).collect();
        let mut growth = Growth::new(self.trees("workspace = any($1)", &workspaces, &mut session).await?);
        for event in &events {
            growth.add(event);
        }
        let (trees, tiles) = growth.rows(|workspace, tree| self.signed(workspace, tree));
        let moved = grow::write(&mut session, self.partition, (from, to), trees, tiles).await?;
        metrics::gauge!("docket_audit_position", "partition" => self.partition.to_string()).set(to as f64);
        // Whoever was faster has done the same.
        Ok(if moved { to - from } else { MOST })
    }

    async fn position(&self, session: &mut crate::db::Session) -> Result<i64, Error> {
        let sql = "select h.position, coalesce(w.position, 0) from log.heads h \
                   left join audit.witnessed w on w.partition = h.partition where h.partition = $1";
        let rows = session.rows(sql, &[&self.partition]).await?;
        let Some(row) = rows.first() else { return Ok(0) };
        let (head, witnessed): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        if head < witnessed {
            let story =
                format!("the log of partition {} ends at {head}, but was seen up to {witnessed}", self.partition);
            return Err(Error::Bug(story));
        }
        Ok(witnessed)
    }

    async fn trees(
        &self,
        which: &str,
        workspaces: &[Uuid],
        session: &mut crate::db::Session,
    ) -> Result<Vec<Tree>, Error> {
        let sql = format!("select workspace, size, peaks, keys from audit.trees where partition = $2 and {which}");
        let rows = session.rows(&sql, &[&workspaces, &self.partition]).await?;
        rows.iter()
            .map(|row| {
                let (size, peaks): (i64, &[u8]) = (row.try_get(1)?, row.try_get(2)?);
                let frontier = Frontier::new(size as u64, Hash::list(peaks));
                let frontier = frontier.ok_or_else(|| Error::Bug("a tree is not what it was".to_owned()))?;
                Ok(Tree { workspace: row.try_get(0)?, frontier, keys: row.try_get(3)? })
            })
            .collect()
    }

    /// The signed note of a tree and the public keys that go with it.
    fn signed(&self, workspace: Uuid, tree: &Frontier) -> (String, String) {
        let Some(keys) = &self.keys else { return (String::new(), String::new()) };
        (Checkpoint::signed(workspace, tree.size(), tree.root(), keys), self.public(workspace))
    }

    fn public(&self, workspace: Uuid) -> String {
        let keys = self.keys.iter().flat_map(|keys| keys.public(workspace));
        keys.map(|key| key.to_string()).collect::<Vec<_>>().join("\n")
    }

    /// Signs the trees anew that are signed with other keys than there are now.
    async fn sign_again(&self) -> Result<(), Error> {
        let mut session = self.pool.get().await?;
        if self.keys.is_none() {
            return Ok(());
        }
        let all = self.trees("$1::uuid[] is not null", &[], &mut session).await?;
        for tree in all.iter().filter(|tree| tree.keys != self.public(tree.workspace)) {
            let (note, keys) = self.signed(tree.workspace, &tree.frontier);
            let sql = "update audit.trees set checkpoint = $3, keys = $4 where workspace = $1 and size = $2";
            session.rows(sql, &[&tree.workspace, &(tree.frontier.size() as i64), &note, &keys]).await?;
        }
        Ok(())
    }
}
