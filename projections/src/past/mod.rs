//! What happened to one resource, and what it was at any moment: read from the log itself, which has the events of each
//! aggregate side by side, and folded like everywhere else. No read model: nothing here can be behind.

pub(crate) mod entry;
mod explain;
mod moment;
mod query;
pub(crate) mod tables;

pub use explain::{Explained, Explanation};
pub use moment::{Difference, Moment, Then};
pub use query::HistoryQuery;
