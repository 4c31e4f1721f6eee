//! A workspace or everything as a file, and back: the log byte for byte as it is stored, and beside it what can't be
//! computed from it. Read models are not in it; they are made anew, and must then say what they said.
//!
//! Line by line: a [`Header`]; [`Rows`] of tables as COPY writes them; the events in order, each its
//! [`docket_domain::audit::Leaf`], after what is personal of it; the [`End`]. `cut.rs` finds a moment at which the read
//! models are as far as the log, `write.rs` writes, `check.rs` reads a file without believing it, `restore.rs` is the one
//! thing besides `log.append` that puts events into a log, and only into an empty one.

mod check;
mod cut;
mod digest;
mod restore;
mod write;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use check::Checked;
pub use digest::Digests;
pub use restore::Restored;

/// The form of a backup, and its version.
const FORMAT: &str = "docket-backup/1";
const NOBODYS: Uuid = Uuid::nil();

/// The first line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    backup: String,
    /// The last migration of the database.
    schema: i64,
    /// Whose history it is; none: everybody's.
    pub workspace: Option<Uuid>,
    /// Partitions of the log.
    pub partitions: i16,
    /// The installation's secret, in hexadecimal.
    secret: String,
    /// How many events there are.
    pub events: u64,
    /// How far the partitions are that are in it.
    places: Vec<Place>,
}

/// How far a partition is, and with it whoever follows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Place {
    partition: i16,
    position: i64,
    recorded_at: DateTime<Utc>,
    told: i64,
    witnessed: Option<i64>,
    carried: Option<i64>,
}

/// Rows of a table.
#[derive(Debug, Serialize, Deserialize)]
struct Rows {
    #[serde(rename = "rows")]
    table: String,
    columns: Vec<String>,
    text: String,
}

/// The last line.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct End {
    end: Said,
}

/// What must be found again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Said {
    /// The root of each workspace's events.
    roots: BTreeMap<Uuid, String>,
    /// What the read models say.
    models: Digests,
    /// Of all bytes before this line, in hexadecimal.
    sha256: String,
}

/// How far a backup or a restore is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Events so far.
    pub events: u64,
    /// Of how many.
    pub of: u64,
}

/// A table that is taken along as it is.
struct Table {
    name: &'static str,
    /// Which rows are a workspace's.
    whose: &'static str,
    /// Whether its rows stand behind a wall that the owner does not pass either.
    walled: bool,
}

const fn table(name: &'static str, whose: &'static str, walled: bool) -> Table {
    Table { name, whose, walled }
}

const OF_WORKSPACE: &str = "workspace = $w";
const TABLES: [Table; 9] = [
    table("log.streams", OF_WORKSPACE, false),
    table("log.counters", OF_WORKSPACE, false),
    table("log.claims", OF_WORKSPACE, false),
    table("log.receipts", "principal = $w or principal in (select id from log.streams where workspace = $w)", false),
    table("log.agenda", OF_WORKSPACE, false),
    table("log.talkers", OF_WORKSPACE, false),
    table("audit.trees", OF_WORKSPACE, true),
    table("audit.tiles", OF_WORKSPACE, true),
    table("webhooks.cursors", OF_WORKSPACE, true),
];

impl Table {
    /// The condition for the rows that are wanted.
    fn wanted(&self, workspace: Option<Uuid>) -> String {
        workspace.map_or_else(|| "true".to_owned(), |id| self.whose.replace("$w", &format!("'{id}'")))
    }
}
