//! Who is calling, and which keys are there?

mod apply;
mod query;

pub(crate) use apply::model;
pub use query::{KEYS, KeyRecord};

/// The model's name.
pub(crate) const NAME: &str = "keys";
