//! How much callers have used of their limits, for all nodes together: kept in the database, asked and told by each
//! node. What the limits are, and when to ask, is not known here. It is no part of the history: losing it costs nothing
//! but that some may ask more for a while.

use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::Error;

/// How long to wait for a connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// So many requests were let through in a slot of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// Which slot: time divided by its length.
    pub slot: i64,
    /// How many; fewer than none, if some were given back.
    pub n: i32,
    /// When they count no longer, in milliseconds since 1970.
    pub ends: i64,
}

/// What a node learns of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Attendance {
    /// How many nodes there are, this one among them.
    pub nodes: i64,
    /// The database's time, in milliseconds since 1970.
    pub now_ms: i64,
}

/// The record of what was used, as one node sees it. Cheap to clone.
#[derive(Clone)]
pub struct Usage {
    pool: PgPool,
    node: Uuid,
}

#[derive(FromRow)]
struct Taken {
    granted: bool,
    slots: Vec<i64>,
    ns: Vec<i32>,
    ends: Vec<i64>,
}

impl Usage {
    /// Opens the record for the node of this name.
    pub async fn open(database_url: &str, node: Uuid) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(database_url)?.application_name("docket-limits");
        // What a crash of the database forgets is only given again.
        let options = options.options([("synchronous_commit", "off")]);
        let pool = PgPoolOptions::new().max_connections(2).acquire_timeout(PATIENCE).connect_with(options).await?;
        Ok(Self { pool, node })
    }

    /// Says that this node is there, for the next ten seconds.
    pub async fn attend(&self) -> Result<Attendance, Error> {
        let sql = "select nodes, now_ms from quota.attend($1)";
        Ok(sqlx::query_as(sql).bind(self.node).fetch_one(&self.pool).await?)
    }

    /// Notes what this node has let through, and tells what of the same subjects counts after `now`.
    pub async fn exchange(&self, sent: &[(Uuid, Vec<Used>)], now: i64) -> Result<HashMap<Uuid, Vec<Used>>, Error> {
        let subjects: Vec<Uuid> = sent.iter().map(|(subject, _)| *subject).collect();
        let (whose, used): (Vec<Uuid>, Vec<Used>) =
            sent.iter().flat_map(|(subject, used)| used.iter().map(move |used| (*subject, *used))).unzip();
        let (slots, ns, ends) = columns(&used);
        let note = sqlx::query("select quota.note($1, $2, $3, $4)").bind(whose).bind(slots).bind(ns).bind(ends);
        note.execute(&self.pool).await?;
        let sql = "select subject, slot, n, ends from quota.used where subject = any($1) and ends > $2";
        let rows: Vec<(Uuid, i64, i32, i64)> =
            sqlx::query_as(sql).bind(subjects).bind(now).fetch_all(&self.pool).await?;
        let mut known = HashMap::<Uuid, Vec<Used>>::new();
        for (subject, slot, n, ends) in rows {
            known.entry(subject).or_default().push(Used { slot, n, ends });
        }
        Ok(known)
    }

    /// Notes what this node has let through of one subject, and lets `one` more through if fewer than `cap` count.
    /// Tells whether it did, and all that counts now.
    pub async fn take(
        &self,
        subject: Uuid,
        sent: &[Used],
        one: Used,
        cap: i64,
        now: i64,
    ) -> Result<(bool, Vec<Used>), Error> {
        let (slots, ns, ends) = columns(sent);
        let sql = "select granted, slots, ns, ends from quota.take($1, $2, $3, $4, $5, $6, $7, $8)";
        let take = sqlx::query_as(sql).bind(subject).bind(slots).bind(ns).bind(ends);
        let taken: Taken = take.bind(one.slot).bind(one.ends).bind(cap).bind(now).fetch_one(&self.pool).await?;
        let counts = taken.slots.into_iter().zip(taken.ns).zip(taken.ends);
        Ok((taken.granted, counts.map(|((slot, n), ends)| Used { slot, n, ends }).collect()))
    }

    /// Forgets what counts no longer, and nodes that are gone.
    pub async fn sweep(&self, now: i64) -> Result<(), Error> {
        sqlx::query("delete from quota.used where ends <= $1").bind(now).execute(&self.pool).await?;
        sqlx::query("delete from quota.nodes where until < now() - interval '1 minute'").execute(&self.pool).await?;
        Ok(())
    }
}

fn columns(used: &[Used]) -> (Vec<i64>, Vec<i32>, Vec<i64>) {
    let slots = used.iter().map(|used| used.slot).collect();
    let ns = used.iter().map(|used| used.n).collect();
    (slots, ns, used.iter().map(|used| used.ends).collect())
}
