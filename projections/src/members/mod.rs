//! Who belongs to this workspace?

mod apply;
mod query;

pub(crate) use apply::model;

/// The model's name.
pub(crate) const NAME: &str = "members";
