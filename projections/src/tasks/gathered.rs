//! Late and early moments. At a late one, most of the past was over, and at an early one, most of what is there now had not
//! begun: a walk along an index would pass over all of that to find what was true. Where only few versions of the past have
//! ended since, or only few of the present had begun, these few are gathered instead.

use std::sync::atomic::{AtomicI64, Ordering};

use docket_domain::ids::WorkspaceId;
use quick_cache::sync::Cache;

use crate::past::tables::true_at;
use crate::{Error, Reads};

/// So many versions are few: a list may look through them once for each project and status. Where there are more, the next
/// one along an index is not far, unless all are at its other end.
const FEW: i64 = 128;
/// After so many events it is looked again which moments are late and early: about so many more may be gathered meanwhile.
const AGAIN: i64 = 1_024;
/// Of so many workspaces that is remembered.
const REMEMBERED: usize = 10_000;

/// What of a moment is gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gathered {
    /// Nothing: neither is few.
    Nothing,
    /// What of the past has ended since.
    Ended,
    /// What of the present had begun.
    Present,
}

/// What is known of workspaces.
pub(crate) struct Few {
    ended: AtomicI64,
    present: AtomicI64,
    known: Cache<WorkspaceId, Known>,
}

#[derive(Clone, Copy)]
struct Known {
    /// From this position on, moments are late.
    late: i64,
    /// Before this position, moments are early.
    early: i64,
    /// How far tasks were when that was so.
    position: i64,
}

impl Default for Few {
    fn default() -> Self {
        Self { ended: AtomicI64::new(FEW), present: AtomicI64::new(FEW), known: Cache::new(REMEMBERED) }
    }
}

impl Reads {
    /// From now on lists of the past gather at most so many versions that have ended since, or are there still.
    pub fn gather(&self, ended: i64, present: i64) {
        self.few().ended.store(ended, Ordering::Relaxed);
        self.few().present.store(present, Ordering::Relaxed);
        self.few().known.clear();
    }

    /// What is gathered of the moment after this position.
    pub(crate) async fn gathered(&self, workspace: WorkspaceId, at: i64) -> Result<Gathered, Error> {
        let position = self.positions().known(self.partition_of(workspace), &[super::NAME]);
        let known = self.few().known.get(&workspace).filter(|known| position <= known.position + AGAIN);
        let known = match known {
            Some(known) => known,
            None => self.look_again(workspace, position).await?,
        };
        Ok(match at {
            _ if at >= known.late => Gathered::Ended,
            _ if at < known.early => Gathered::Present,
            _ => Gathered::Nothing,
        })
    }

    async fn look_again(&self, workspace: WorkspaceId, position: i64) -> Result<Known, Error> {
        let Few { ended, present, known } = self.few();
        let (ended, present) = (ended.load(Ordering::Relaxed), present.load(Ordering::Relaxed));
        let sql = "select coalesce((select t.until from past_tasks t where t.workspace = $1 \
                   order by t.until desc offset $2 limit 1), 0), \
                   coalesce((select t.since from tasks t where t.workspace = $1 \
                   order by t.since offset $3 limit 1), 9223372036854775807)";
        let rows = self.session().await?.rows_of(workspace.0, sql, &[&workspace.0, &ended, &present]).await?;
        let row = rows.first().ok_or_else(|| Error::Bug("a row of two values is missing".to_owned()))?;
        let now = Known { late: row.try_get(0)?, early: row.try_get(1)?, position };
        known.insert(workspace, now);
        Ok(now)
    }
}

/// All that was true, in parts.
pub(crate) const PARTS: &str = "select * from present_tasks union all select * from ended_tasks";

/// The tables of what was true after the position `at`, a parameter, as parts of a with-clause: `present_tasks`, which is
/// there still, and `ended_tasks`; one of the two gathered.
pub(crate) fn parts_at(gathered: Gathered, at: &str) -> [String; 2] {
    let part = |name: &str, table: &str, few: bool, last: &str| {
        let how = if few { "materialized" } else { "not materialized" };
        format!("{name}_tasks as {how} (select * from {table} v where v.workspace = $1::uuid and {last})")
    };
    // "is true" keeps an index from being used that would have to be passed through from end to end.
    let few = gathered == Gathered::Ended;
    let since = if few { format!("(v.since <= {at}) is true") } else { format!("v.since <= {at}") };
    [
        part("present", "tasks", gathered == Gathered::Present, &true_at("v", at)),
        part("ended", "past_tasks", few, &format!("v.until > {at} and {since}")),
    ]
}
