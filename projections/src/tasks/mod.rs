//! Which tasks are there: of a project, of a person, in a status, with a word?

mod apply;
mod counts;
mod pages;
mod query;

pub(crate) use apply::Tasks;
pub(crate) use counts::open;
pub use query::TASKS;

/// The model's name.
pub(crate) const NAME: &str = "tasks";
