//! States in memory. A stale one is harmless: the append checks the versions a decision rests on.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use docket_domain::AnySnapshot;
use docket_domain::ids::WorkspaceId;
use uuid::Uuid;

/// One aggregate's place in the cache.
#[derive(Default)]
pub struct Entry {
    /// Held by the one command that may write the aggregate next, from its decision to its commit; shared by those
    /// that only look at it and were overtaken by a writer before.
    pub turn: Arc<tokio::sync::RwLock<()>>,
    state: Mutex<Option<Arc<dyn AnySnapshot>>>,
}

impl Entry {
    /// The state as last seen.
    pub fn state(&self) -> Option<Arc<dyn AnySnapshot>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes in what the log says, whatever was there.
    pub fn replace(&self, state: Arc<dyn AnySnapshot>) {
        let known = Some(state).filter(|state| state.version() > 0);
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Takes in a state, unless a later one is there.
    pub fn put(&self, state: Arc<dyn AnySnapshot>) {
        let mut seen = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.as_ref().is_none_or(|old| old.version() < state.version()) {
            *seen = Some(state);
        }
    }
}

/// The states of the aggregates used last. Keyed by tenant too, so a foreign id finds nothing.
pub struct Cache(quick_cache::sync::Cache<(WorkspaceId, Uuid), Arc<Entry>>);

impl Cache {
    pub fn new(entries: usize) -> Self {
        Self(quick_cache::sync::Cache::new(entries))
    }

    pub fn entry(&self, workspace: WorkspaceId, id: Uuid) -> Arc<Entry> {
        match self.0.get_or_insert_with(&(workspace, id), || Ok::<_, Infallible>(Arc::default())) {
            Ok(entry) => entry,
        }
    }
}
