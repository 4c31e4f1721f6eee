//! Who belongs to this workspace?

mod apply;
mod doc;
mod query;

pub(crate) use apply::model;

/// The model's name.
pub(crate) const NAME: &str = "members";
