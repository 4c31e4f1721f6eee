//! Who belongs to this workspace?

mod apply;
mod doc;
mod forget;
mod query;

pub(crate) use apply::model;
pub use query::MEMBERS;

/// The model's name.
pub(crate) const NAME: &str = "members";
