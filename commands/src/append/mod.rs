//! The append: what a decided command asks of the log, and what the log says to it.
//!
//! [`committer`] drains what queued into one call of `log.append`; [`sql`] is that call, and [`pace`] knows how long it takes.

pub mod batch;
pub mod committer;
pub mod pace;
pub mod sql;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use docket_domain::ids::WorkspaceId;
use docket_domain::{AnySnapshot, Effects, NewEvent};
use uuid::Uuid;

use crate::cache::Entry;
use crate::request::Idempotency;

/// A decided command: the events to write and all that the decision rests on.
pub struct Append {
    /// The command's id.
    pub command: Uuid,
    /// The tenant.
    pub workspace: WorkspaceId,
    /// Whose idempotency key it is.
    pub principal: Uuid,
    /// The idempotency key, and what to answer when it comes again.
    pub receipt: Option<(Idempotency, String)>,
    /// What it writes.
    pub writes: Vec<Write>,
    /// What it rests on.
    pub requires: Vec<Require>,
    /// Who, with what and why, as JSON; the same for all its events.
    pub metadata: Arc<str>,
}

/// The events of one aggregate.
pub struct Write {
    /// The aggregate's type.
    pub kind: &'static str,
    /// Its id.
    pub id: Uuid,
    /// The version the decision was made at.
    pub expected: i64,
    /// The events, each with the time it occurred at.
    pub events: Vec<(NewEvent, DateTime<Utc>)>,
    /// What they mean to the log.
    pub effects: Effects,
    /// The state after them.
    pub after: Arc<dyn AnySnapshot>,
    /// Where that state goes once it is true.
    pub entry: Arc<Entry>,
}

/// An aggregate that must be alive for the command to commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Require {
    /// The aggregate's type.
    pub kind: &'static str,
    /// Its id.
    pub id: Uuid,
    /// The version it must be at, if the decision looked at its state.
    pub version: Option<i64>,
    /// Whether it is what lets the caller in. Who is not let in is not answered, also not what was answered before.
    pub guard: bool,
}

/// What the log says to a command.
#[derive(Clone)]
pub enum Verdict {
    /// It is committed.
    Committed(Committed),
    /// These aggregates are at other versions.
    Conflict(Vec<Uuid>),
    /// These required aggregates aren't there: the id and the kind of each.
    Missing(Vec<(Uuid, String)>),
    /// The caller's key isn't there any more.
    Revoked,
    /// Values that these aggregates claim are others': the aggregate and the scope of each.
    Taken(Vec<(Uuid, String)>),
    /// The idempotency key was used for the same request.
    Duplicate {
        /// The position of its last event.
        position: i64,
        /// What was to be answered.
        memo: String,
    },
    /// The idempotency key was used for another request.
    Mismatch,
    /// It could not be written: a defect.
    Failed(String),
}

/// A committed command.
#[derive(Clone)]
pub struct Committed {
    /// The position of its last event; of the head if it wrote none.
    pub position: i64,
    /// The states it made, in the order of its writes, with their numbers.
    pub states: Vec<Arc<dyn AnySnapshot>>,
}
