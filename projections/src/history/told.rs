//! Events → messages: each is told with its resource as it was before and as it is after. What it was comes from the log,
//! unless it is remembered.

use std::collections::HashMap;
use std::sync::Arc;

use docket_domain::ids::WorkspaceId;
use docket_domain::message::{self, Audience, Message};
use docket_domain::{AnySnapshot, Recorded, kinds};
use quick_cache::sync::Cache;
use tokio::time::Instant;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::Stretch;
use crate::freshness::PATIENCE;
use crate::log::{COLUMNS, recorded};
use crate::{Error, Reads};

/// So many resources are remembered as they were told last.
const REMEMBERED: usize = 4_096;

/// Who somebody was is not remembered: it may be erased from the log by the next event.
const FORGOTTEN: &str = "member";

/// Resources as they were told last.
pub(crate) struct States(Cache<Uuid, Arc<dyn AnySnapshot>>);

impl Default for States {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

/// A resource while its events are told; none once an event could not be read.
type Known = HashMap<Uuid, Option<Arc<dyn AnySnapshot>>>;

impl Reads {
    /// What is to be told of the workspace's events after a position: at most `limit` of them.
    pub async fn told(&self, workspace: WorkspaceId, after: i64, limit: usize) -> Result<Stretch<Arc<Message>>, Error> {
        let Stretch { events, through, head } = self.history(workspace, after, limit).await?;
        let mut known = self.known_before(workspace, &events).await?;
        let messages = events.iter().map(|event| tell(event, &mut known));
        let events = messages.filter(|message| message.audience != Audience::Nobody).map(Arc::new).collect();
        for (id, state) in known {
            if let Some(state) = state.filter(|state| state.kind() != FORGOTTEN) {
                self.states().0.insert(id, state);
            }
        }
        Ok(Stretch { events, through, head })
    }

    /// Waits until it is known what webhooks are at a position; not for long: then what is known has to do.
    pub async fn webhooks_known(&self, workspace: WorkspaceId, position: i64) -> Result<(), Error> {
        let (partition, deadline) = (self.partition_of(workspace), Instant::now() + PATIENCE);
        match self.positions().reach(partition, &[crate::catalog::NAME], position, deadline).await {
            Ok(()) | Err(Error::NotFresh) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The resources as they were before these events.
    async fn known_before(&self, workspace: WorkspaceId, events: &[Recorded]) -> Result<Known, Error> {
        let mut known = Known::new();
        let (mut streams, mut versions) = (Vec::new(), Vec::new());
        for event in events {
            if known.contains_key(&event.stream) {
                continue;
            }
            let remembered = self.states().0.get(&event.stream).filter(|state| state.version() + 1 == event.version);
            if remembered.is_none() && event.version > 1 {
                streams.push(event.stream);
                versions.push(event.version);
            }
            let blank = || kinds::blank(&event.kind, event.stream).map(Arc::from);
            known.insert(event.stream, remembered.or_else(blank));
        }
        if streams.is_empty() {
            return Ok(known);
        }
        let sql = format!("select {COLUMNS} from log.events_before($1, $2, $3) where workspace = $4");
        let partition = self.partition_of(workspace);
        let params: [&(dyn ToSql + Sync); 4] = [&partition, &streams, &versions, &workspace.0];
        let rows = self.session().await?.rows_of(workspace.0, &sql, &params).await?;
        for row in &rows {
            fold(&recorded(row, 0)?, &mut known);
        }
        Ok(known)
    }
}

fn tell(event: &Recorded, known: &mut Known) -> Message {
    let before = known.get(&event.stream).cloned().flatten().filter(|before| before.version() > 0);
    let after = fold(event, known);
    message::tell(event, before.as_deref(), after.as_deref())
}

/// The resource after the event. An event that can't be read is told without it, and so are all later ones.
fn fold(event: &Recorded, known: &mut Known) -> Option<Arc<dyn AnySnapshot>> {
    let place = known.get_mut(&event.stream)?;
    let mut next = place.as_ref()?.copy();
    *place = match next.fold(event) {
        Ok(()) => Some(Arc::from(next)),
        Err(error) => {
            tracing::warn!(%error, "an event is told without its resource");
            None
        }
    };
    place.clone()
}
