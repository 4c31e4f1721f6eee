//! Seeing it: read models, kept up with the log, asked by readers.
//!
//! Two doors. [`Reads`] answers questions: always for one tenant, with a key that still counts, and never older than
//! what that key has written. [`Projector`] makes the answers true: events in, rows out, rows and checkpoint in one
//! transaction. A third for those who look after it all: [`Projections`] lists, rebuilds, retries what was
//! parked, backs up and restores. But for a restore into an empty log, nothing here writes history.
//!
//! One folder per read model: `apply.rs` is events → rows, `query.rs` questions → answers.

mod admin;
mod backup;
mod batch;
mod careful;
mod catalog;
mod checkpoint;
mod cursor;
mod db;
mod deliveries;
mod documents;
mod error;
mod feed;
mod fold;
mod freshness;
mod guard;
mod heads;
mod history;
mod ids;
mod keys;
mod lead;
mod leader;
mod list;
mod log;
mod members;
mod model;
mod notary;
mod notifications;
mod pace;
mod page;
mod parked;
mod partition;
mod past;
mod projector;
mod projects;
mod reads;
mod rebuild;
mod reports;
mod retry;
mod rows;
mod seen;
mod sprints;
mod sql;
mod standing;
mod tasks;
mod timelogs;
mod trail;
mod walls;
mod words;
mod write;

pub use admin::{ModelState, ModelStatus, ParkedEvent, Projections};
pub use backup::{Checked, Digests, Moved, Restored};
pub use catalog::{CUSTOMERS, LABELS, POSITIONS, SPACES, TEAMS, WEBHOOKS, WORKSPACES};
pub use cursor::Cursors;
pub use db::is_here;
pub use deliveries::{Attempt, Attempted, Attempts, Deliveries, Endpoint, Tried};
pub use error::Error;
pub use freshness::Positions;
pub use guard::{ReadAs, Standing};
pub use history::{Follower, Stir, Stretch};
pub use keys::{KEYS, KeyRecord};
pub use list::{Expand, Field, Filter, Kind, List, ListQuery, Op, SortBy, Value, View};
pub use members::MEMBERS;
pub use model::NAMES;
pub use notary::{Consistency, Exported, Inclusion, SignedTree, Sought};
pub use notifications::{Inbox, NOTIFICATIONS};
pub use page::{Docs, MOST, Page, PageQuery, Start};
pub use past::{
    Altered, Difference, EVENT_MEMBERS, Explained, Explanation, Fate, HistoryQuery, Link, Moment, Only, Then,
    WholeDifference,
};
pub use projector::{Config, Projector, Step};
pub use projects::PROJECTS;
pub use reads::{Doc, Reads};
pub use rebuild::{Progress, Stage};
pub use reports::{Amount, Burndown, BurndownDay, FlowDay, FlowQuery, SprintResult, Until, VelocityQuery};
pub use retry::Retried;
pub use sprints::{Closing, SPRINTS};
pub use tasks::{COMMENTS, Following, TASKS};
pub use timelogs::{By, TIMELOGS, TimeSum, TimeTotal, TimeTotals, TotalsQuery};
pub use trail::{Activity, TRAIL};
pub use walls::is_private;

/// Every list of resources there is.
pub static LISTS: [&List; 14] = [
    &TASKS,
    &COMMENTS,
    &PROJECTS,
    &SPRINTS,
    &TIMELOGS,
    &NOTIFICATIONS,
    &MEMBERS,
    &TEAMS,
    &POSITIONS,
    &SPACES,
    &CUSTOMERS,
    &LABELS,
    &WEBHOOKS,
    &KEYS,
];
