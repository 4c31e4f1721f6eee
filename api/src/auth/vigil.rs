//! Whether those who listen for long are still who they were when they came. Twice a second one question is asked for all
//! of them together; only about whom something has changed is looked at more closely, each for themselves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket_domain::Actor;
use docket_domain::ids::WorkspaceId;
use docket_projections::Reads;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Caller;

/// How often it is asked: twice as often as a key may be late in being known revoked.
pub const EVERY: Duration = Duration::from_millis(500);
/// For so long after a change it is looked again: read models, and what is remembered of keys, may be behind.
const UNSURE: Duration = Duration::from_secs(2);

/// The versions of all who are alive.
type Round = Arc<HashMap<Uuid, i64>>;

/// All who listen. Cheap to clone.
#[derive(Clone, Default)]
pub struct Vigil {
    listening: Arc<Mutex<HashMap<Uuid, (WorkspaceId, usize)>>>,
    rounds: watch::Sender<Round>,
}

/// One who listens; forgotten when this is dropped.
pub struct Watched {
    vigil: Vigil,
    ids: Vec<Uuid>,
    rounds: watch::Receiver<Round>,
    change: Change,
}

/// When something last changed about somebody.
#[derive(Default)]
pub struct Change {
    known: Option<Vec<Option<i64>>>,
    since: Option<Instant>,
}

impl Change {
    /// Whether it has to be looked who they are, now that these are the versions of their key and themselves.
    pub fn note(&mut self, ids: &[Uuid], versions: &HashMap<Uuid, i64>) -> bool {
        let now = Some(ids.iter().map(|id| versions.get(id).copied()).collect());
        if self.known != now {
            (self.known, self.since) = (now, Some(Instant::now()));
        }
        self.since.is_some_and(|since| since.elapsed() < UNSURE)
    }

    /// It could not be found out who they are: it is to be looked again for as long as after a change.
    pub fn remain(&mut self) {
        self.since = Some(Instant::now());
    }
}

impl Vigil {
    fn listening(&self) -> MutexGuard<'_, HashMap<Uuid, (WorkspaceId, usize)>> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to watch a caller.
    pub fn watch(&self, caller: &Caller) -> Watched {
        let mut ids = vec![caller.key.0];
        if let Actor::Member(member) = caller.actor {
            ids.push(member.0);
        }
        let mut listening = self.listening();
        for id in &ids {
            listening.entry(*id).or_insert((caller.workspace, 0)).1 += 1;
        }
        drop(listening);
        Watched { vigil: self.clone(), ids, rounds: self.rounds.subscribe(), change: Change::default() }
    }

    /// Asks until the end.
    pub async fn keep(self, reads: Reads, shutdown: CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
            let whose: Vec<_> = self.listening().iter().map(|(id, (workspace, _))| (*workspace, *id)).collect();
            if whose.is_empty() {
                continue;
            }
            match reads.standing(&whose).await {
                Ok(versions) => drop(self.rounds.send_replace(Arc::new(versions))),
                // If the database is away, nothing is known of anybody; nor is there anything to hear.
                Err(error) => tracing::debug!(%error, "those who listen are not looked after"),
            }
        }
    }
}

impl Watched {
    /// Resolves when it is time to look who this is: after they came, and after something changed. Nothing is lost if
    /// this is given up half way.
    pub async fn doubt(&mut self) {
        while self.rounds.changed().await.is_ok() {
            let versions = self.rounds.borrow_and_update().clone();
            if self.change.note(&self.ids, &versions) {
                return;
            }
        }
        std::future::pending::<()>().await;
    }

    /// It could not be found out who this is.
    pub fn remain_in_doubt(&mut self) {
        self.change.remain();
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut listening = self.vigil.listening();
        for id in &self.ids {
            if let Some((_, count)) = listening.get_mut(id) {
                *count -= 1;
                if *count == 0 {
                    listening.remove(id);
                }
            }
        }
    }
}
