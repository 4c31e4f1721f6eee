//! Who was seen when: members, for whether they are online, and keys, for whether anybody uses them. Noted in memory with
//! every look at a key and written some seconds later, many at once; what several nodes have noted comes to the latest.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use docket_domain::ids::WorkspaceId;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::db::{self, Address, Pool, Purpose};
use crate::{Error, Reads};

/// How long what was noted waits to be written, unless somebody asks for it.
const EVERY: Duration = Duration::from_secs(5);

/// When this process saw whom, as far as it is not written yet.
pub(crate) struct Seen {
    pool: Pool,
    noted: Mutex<HashMap<(Uuid, Uuid), Instant>>,
}

impl Seen {
    pub(crate) fn new(address: Address) -> Result<Self, Error> {
        Ok(Self { pool: db::pool(address, Purpose::Projecting, "read", 1)?, noted: Mutex::default() })
    }

    fn take(&self) -> HashMap<(Uuid, Uuid), Instant> {
        self.noted.lock().map(|mut noted| std::mem::take(&mut *noted)).unwrap_or_default()
    }

    /// Ages, not times: the clock that counts is the database's.
    async fn write(&self, noted: &HashMap<(Uuid, Uuid), Instant>) -> Result<(), Error> {
        let (mut workspaces, mut ids, mut ages) = (Vec::new(), Vec::new(), Vec::new());
        for ((workspace, id), at) in noted {
            workspaces.push(*workspace);
            ids.push(*id);
            ages.push(at.elapsed().as_secs_f64());
        }
        // In one order, so that nodes do not wait for each other in a circle.
        let sql = "insert into seen (workspace, id, at) \
                   select workspace, id, now() - make_interval(secs => age) \
                   from unnest($1::uuid[], $2::uuid[], $3::float8[]) as n(workspace, id, age) order by workspace, id \
                   on conflict (workspace, id) do update set at = greatest(seen.at, excluded.at)";
        let mut session = self.pool.get().await?;
        session.rows(sql, &[&workspaces, &ids, &ages]).await?;
        Ok(())
    }
}

impl Reads {
    /// Notes that a member or a key of a workspace was seen just now.
    pub fn saw(&self, workspace: WorkspaceId, ids: impl IntoIterator<Item = Uuid>) {
        if let Ok(mut noted) = self.seen().noted.lock() {
            let now = Instant::now();
            noted.extend(ids.into_iter().map(|id| ((workspace.0, id), now)));
        }
    }

    /// Writes what was noted, so that whoever asks next can read it. If that fails it is tried again later.
    pub async fn write_seen(&self) {
        let noted = self.seen().take();
        if noted.is_empty() {
            return;
        }
        if let Err(error) = self.seen().write(&noted).await {
            tracing::warn!(%error, "who was seen can't be written");
            if let Ok(mut again) = self.seen().noted.lock() {
                for (whom, at) in noted {
                    again.entry(whom).or_insert(at);
                }
            }
        }
    }

    /// Keeps writing what is noted until the end.
    pub async fn keep_writing_seen(&self, shutdown: CancellationToken) {
        while shutdown.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
            self.write_seen().await;
        }
        self.write_seen().await;
    }
}

/// When `id` was last seen, as an expression: a JSON string, or null.
pub(crate) fn last_seen(id: &str) -> String {
    format!(
        "coalesce((select to_json(to_char(s.at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))::text \
         from read.seen s where s.workspace = $1::uuid and s.id = {id}), 'null')"
    )
}

/// When `d.id` was last seen, as an expression.
pub(crate) const SEEN_AT: &str = "(select s.at from read.seen s where s.workspace = $1::uuid and s.id = d.id)";

/// Whether `d.id` was seen within the last five minutes, as an expression.
pub(crate) const IS_ONLINE: &str = "exists (select from read.seen s where s.workspace = $1::uuid and s.id = d.id \
                                    and s.at > now() - interval '5 minutes')";
