//! Seeing it: read models, kept up with the log, asked by readers.
//!
//! Two doors. [`Reads`] answers questions: always for one tenant, with a key that still counts, and never older than
//! what that key has written. [`Projector`] makes the answers true: events in, rows out, rows and checkpoint in one
//! transaction. [`Rebuild`] makes a read model anew beside the live one. Nothing here writes history.
//!
//! One folder per read model: `apply.rs` is events → rows, `query.rs` questions → answers.

mod activity;
mod batch;
mod checkpoint;
mod db;
mod documents;
mod error;
mod fold;
mod freshness;
mod guard;
mod keys;
mod labels;
mod list;
mod log;
mod members;
mod model;
mod page;
mod parked;
mod partition;
mod projector;
mod projects;
mod reads;
mod rows;
mod sql;
mod tasks;
mod words;

pub use error::Error;
pub use freshness::Positions;
pub use guard::ReadAs;
pub use keys::KeyRecord;
pub use model::NAMES;
pub use page::{MOST, Page, PageQuery, Start};
pub use projector::{Config, Projector, Step};
pub use projects::ProjectQuery;
pub use reads::{Doc, Reads};
pub use tasks::{Sort, SortKey, TaskQuery};
