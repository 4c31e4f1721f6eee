//! What happened to this resource, and who did it?

mod apply;
mod query;

pub(crate) use apply::Activity;

/// The model's name.
pub(crate) const NAME: &str = "activity";
