//! Which tasks are there: of a project, of a person, in a status, with a word? What has been said about them?

mod apply;
mod blocks;
mod comments;
mod counts;
mod flow;
mod following;
mod gathered;
mod pages;
mod peaks;
mod query;
mod related;
mod search;
mod walk;
mod was;

pub(crate) use apply::{Tasks, status_code};
pub(crate) use blocks::{changed_at, counted_at};
pub use comments::COMMENTS;
pub(crate) use counts::{every, open};
pub(crate) use was::every_related;

pub(crate) use flow::{columns as flow_columns, flowed_at};
pub use following::Following;
pub(crate) use gathered::{Few, Gathered, PARTS, parts_at};
pub(crate) use pages::{HIDDEN, NIL};
pub use query::TASKS;

/// The model's name.
pub(crate) const NAME: &str = "tasks";
