//! Which tasks are there: of a project, of a person, in a status, with a word?

mod apply;
mod counts;
mod pages;
mod place;
mod query;

pub(crate) use apply::Tasks;
pub(crate) use counts::open;
pub use query::{Sort, SortKey, TaskQuery};

/// The model's name.
pub(crate) const NAME: &str = "tasks";
