//! What has a member been told, and what of it have they not read?

mod apply;
mod query;

pub(crate) use apply::model;
pub use query::{Inbox, NOTIFICATIONS};

/// The model's name.
pub(crate) const NAME: &str = "notifications";
