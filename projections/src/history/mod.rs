//! A workspace's events in the order in which they happened: read from the log, from any position, for as long as there
//! is a log. Not a read model: nothing is kept but what makes reading cheap.
//!
//! `read.rs` finds a workspace's events, `told.rs` makes messages of them, `live.rs` waits for more, `bell.rs` knows when
//! there are.

mod bell;
mod live;
mod read;
mod told;

pub(crate) use bell::Bell;
pub(crate) use live::Tails;
pub(crate) use told::States;

pub use bell::Stir;
pub use live::Follower;

/// A piece of a workspace's history.
#[derive(Clone, Debug)]
pub struct Stretch<T> {
    /// What happened, in order.
    pub events: Vec<T>,
    /// Up to here nothing is left out.
    pub through: i64,
    /// Where the log ended when it was read.
    pub head: i64,
}
