//! Connections to PostgreSQL: where it is, what a connection remembers, and pools of them. No table is named here.

mod address;
mod pool;
mod session;

pub(crate) use address::Address;
pub use address::is_here;
pub(crate) use pool::{Borrowed, Pool, Purpose, pool};
pub(crate) use session::Session;
