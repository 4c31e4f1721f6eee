//! What happened to one resource, and what differs between two moments: read from the log itself, which has the events of
//! each aggregate side by side, and folded like everywhere else, so nothing of it can be behind. And [`tables`], the read
//! models as they were at any moment.

pub(crate) mod entry;
mod explain;
mod moment;
mod query;
pub(crate) mod tables;
mod whole;

pub use entry::MEMBERS as EVENT_MEMBERS;
pub use explain::{Explained, Explanation, Link};
pub use moment::{Difference, Moment, Then};
pub use query::{HistoryQuery, Only};
pub use whole::{Altered, Fate, WholeDifference};
