//! Which sprints are there, and how far is each?

mod apply;
mod closing;
mod query;

pub(crate) use apply::model;
pub use closing::Closing;
pub use query::SPRINTS;

/// The model's name.
pub(crate) const NAME: &str = "sprints";

/// A closed sprint's status, as it is stored.
pub(crate) const CLOSED: i16 = 2;
