//! Which tasks are there: of a project, of a person, in a status, with a word? What has been said about them?

mod apply;
mod blocks;
mod comments;
mod counts;
mod flow;
mod following;
mod pages;
mod query;
mod search;

pub(crate) use apply::{Tasks, status_code};
pub(crate) use blocks::counted_at;
pub use comments::COMMENTS;
pub(crate) use counts::{every, open};

pub(crate) use flow::columns as flow_columns;
pub use following::Following;
pub(crate) use pages::{HIDDEN, NIL};
pub use query::TASKS;

/// The model's name.
pub(crate) const NAME: &str = "tasks";
