//! Making it true: the one write path. A command is decided against the states it needs and appended to the log
//! with everything it rests on; the log judges it once more and commits it with whatever else was waiting.
//!
//! [`Commands`] is the only public face of that path; [`relay`] carries what was committed to NATS, [`teller`] to the
//! people concerned. Beside it, [`Usage`] is what all nodes know of how much their callers have asked.
//! Read models and HTTP are never mentioned here.

mod append;
mod bell;
mod cache;
mod error;
mod event_store;
mod execute;
pub mod log;
mod plan;
mod proposed;
mod receipt;
pub mod relay;
mod request;
mod standing;
mod store;
pub mod teller;
mod usage;

pub use error::{Error, ItemError};
pub use event_store::EventStore;
pub use execute::{Answer, Mode, Outcome};
pub use proposed::Proposed;
pub use request::{Idempotency, Request};
pub use store::Store;
pub use usage::{Attendance, Usage, Used};

use docket_domain::ids::WorkspaceId;
use docket_domain::{Intent, envelope};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

/// How the write path is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// How many aggregates stay in memory.
    pub cache_entries: usize,
    /// How many commands may wait per partition before more are refused.
    pub queue: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { cache_entries: 50_000, queue: 4_096 }
    }
}

/// The write side. Cheap to clone.
#[derive(Clone)]
pub struct Commands {
    store: Arc<Store>,
    under_way: TaskTracker,
}

impl Commands {
    /// Opens the write side of an initialised database (`log::initialise`).
    pub async fn open(database_url: &str, config: &Config) -> Result<Self, Error> {
        Ok(Self { store: Arc::new(Store::open(database_url, config).await?), under_way: TaskTracker::new() })
    }

    /// Carries out `intents` as one command: all of them, or, per item, those that are not refused.
    ///
    /// The work belongs to a task of its own: a caller that goes away leaves nothing half done.
    pub async fn execute(&self, request: Request, intents: Vec<Intent>, mode: Mode) -> Result<Answer, Error> {
        let store = self.store.clone();
        self.under_way
            .spawn(async move { execute::execute(&store, &request, &intents, mode).await })
            .await
            .map_err(|gone| Error::Bug(format!("a command's task ended early: {gone}")))?
    }

    /// Carries out commands that do not depend on each other, each as [`Commands::execute`] would, and commits them in
    /// their order. An error says that none was begun.
    pub async fn execute_in_order(
        &self,
        commands: Vec<(Request, Vec<Intent>)>,
        mode: Mode,
    ) -> Result<Vec<Result<Answer, Error>>, Error> {
        let store = self.store.clone();
        self.under_way
            .spawn(async move { execute::execute_in_order(&store, &commands, mode).await })
            .await
            .map_err(|gone| Error::Bug(format!("the task of some commands ended early: {gone}")))?
    }

    /// The events that these intents would come to, now. Nothing is stored.
    pub async fn rehearse(&self, request: Request, intents: Vec<Intent>, mode: Mode) -> Result<Vec<Proposed>, Error> {
        let store = self.store.clone();
        let request = Request { idempotency: None, ..request };
        self.under_way
            .spawn(async move { execute::rehearse(&store, &request, &intents, mode).await })
            .await
            .map_err(|gone| Error::Bug(format!("a rehearsal's task ended early: {gone}")))?
    }

    /// How many commands and rehearsals have not come to an end yet, also where nobody waits for it any more.
    pub fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// How long it took lately at least to append to the log: one round trip and one commit. Zero before the first.
    pub fn shortest_append(&self) -> Duration {
        self.store.pace().shortest()
    }

    /// Which partition a workspace's history lives in.
    pub fn partition_of(&self, workspace: WorkspaceId) -> i16 {
        envelope::partition_of(workspace, self.store.partitions())
    }

    /// Rings after each commit on this node.
    pub fn committed(&self) -> Arc<Notify> {
        self.store.committed()
    }

    /// The event store behind the write side.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }
}
