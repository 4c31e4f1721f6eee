//! Which projects are there, and how much is left to do in each?

mod apply;
mod query;
mod statuses;

pub(crate) use apply::model;
pub use query::PROJECTS;

/// The model's name.
pub(crate) const NAME: &str = "projects";
