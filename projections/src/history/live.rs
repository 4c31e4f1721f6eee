//! Following a workspace's history as it happens. The log is what is followed: what is kept here is only its end, so that
//! many followers of one workspace read and tell each event once. Whoever is further behind reads the log itself.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use docket_domain::ids::WorkspaceId;
use docket_domain::message::Message;
use tokio::sync::watch;

use super::Stretch;
use super::bell::{Line, Stir};
use crate::{Error, Reads};

/// So many messages of a workspace are kept.
const KEPT: usize = 1_000;
/// So many are read at a time.
const AT_ONCE: usize = 200;

/// The ends of the histories that are followed.
#[derive(Default)]
pub(crate) struct Tails(Mutex<HashMap<WorkspaceId, Weak<Tail>>>);

/// The end of a workspace's history.
struct Tail {
    end: Mutex<End>,
    /// Held by the one who reads on for all.
    reading: tokio::sync::Mutex<()>,
}

/// All that is to be told of what happened after `from` up to `through`.
struct End {
    from: i64,
    through: i64,
    messages: VecDeque<Arc<Message>>,
}

/// Follows a workspace's history from a position on.
pub struct Follower {
    reads: Reads,
    workspace: WorkspaceId,
    tail: Arc<Tail>,
    head: watch::Receiver<i64>,
    after: i64,
    _line: Arc<Line>,
}

impl Tails {
    fn of(&self, workspace: WorkspaceId, head: i64) -> Arc<Tail> {
        let mut tails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tail) = tails.get(&workspace).and_then(Weak::upgrade) {
            return tail;
        }
        tails.retain(|_, tail| tail.strong_count() > 0);
        let end = End { from: head, through: head, messages: VecDeque::new() };
        let tail = Arc::new(Tail { end: Mutex::new(end), reading: tokio::sync::Mutex::default() });
        tails.insert(workspace, Arc::downgrade(&tail));
        tail
    }
}

impl Tail {
    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl End {
    /// What is here after a position, if nothing between is missing.
    fn after(&self, position: i64) -> Option<Stretch<Arc<Message>>> {
        if position < self.from {
            return None;
        }
        let first = self.messages.partition_point(|message| message.position <= position);
        let events: Vec<_> = self.messages.range(first..).take(AT_ONCE).cloned().collect();
        let is_all = first + events.len() == self.messages.len();
        let through = if is_all { self.through } else { events.last().map_or(self.through, |last| last.position) };
        Some(Stretch { events, through: through.max(position), head: self.through })
    }

    fn take_in(&mut self, next: Stretch<Arc<Message>>) {
        self.messages.extend(next.events);
        self.through = next.through;
        // Whoever is behind an erasure reads the log: what was told before it may say what is erased.
        if let Some(erased) = self.messages.iter().rposition(|message| message.erases()) {
            self.messages.drain(..erased);
            self.from = self.messages.front().map_or(self.from, |first| first.position - 1);
        }
        while self.messages.len() > KEPT {
            self.from = self.messages.pop_front().map_or(self.from, |gone| gone.position);
        }
    }
}

impl Reads {
    /// Hears when anything happens in any workspace.
    pub fn stir(&self) -> Stir {
        self.bell().stir()
    }

    /// Follows the workspace's history from a position on, or from now on. A position that is not there yet is none.
    pub async fn follow(&self, workspace: WorkspaceId, after: Option<i64>) -> Result<Option<Follower>, Error> {
        let now = self.head(workspace).await?;
        let after = after.unwrap_or(now);
        if after > now {
            return Ok(None);
        }
        let Some((head, line)) = self.bell().follow(self.partition_of(workspace)) else { return Ok(None) };
        let tail = self.tails().of(workspace, now);
        Ok(Some(Follower { reads: self.clone(), workspace, tail, head, after, _line: line }))
    }
}

impl Follower {
    /// Where it is.
    pub fn position(&self) -> i64 {
        self.after
    }

    /// What comes next; waits until there is something. Nothing is lost if this is given up half way.
    pub async fn next(&mut self) -> Result<Stretch<Arc<Message>>, Error> {
        loop {
            let here = self.tail.end().after(self.after);
            let next = match here {
                Some(stretch) => stretch,
                None => self.reads.told(self.workspace, self.after, AT_ONCE).await?,
            };
            if next.through > self.after {
                self.after = next.through;
                return Ok(next);
            }
            self.wait().await?;
        }
    }

    /// Waits until the log has more, and reads it for all who follow, unless somebody else has.
    async fn wait(&mut self) -> Result<(), Error> {
        let after = self.after;
        if self.head.wait_for(|head| *head > after).await.is_err() {
            return Err(Error::Unavailable("nobody says any more how far the log is".to_owned()));
        }
        let _only = self.tail.reading.lock().await;
        let through = self.tail.end().through;
        if through <= after {
            let next = self.reads.told(self.workspace, through, AT_ONCE).await?;
            self.tail.end().take_in(next);
        }
        Ok(())
    }
}
