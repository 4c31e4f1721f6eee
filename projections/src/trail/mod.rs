//! What happened in a workspace, when, who did it, and with which key? Only the circumstances, to find events by: what
//! they say is read from the log.

mod activity;
mod apply;
mod blocks;
mod query;

pub use activity::Activity;
pub(crate) use apply::Trail;
pub use query::TRAIL;

/// The model's name.
pub(crate) const NAME: &str = "trail";
