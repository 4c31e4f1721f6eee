//! What the connections send.

mod gets;
mod naive;
mod posts;
mod tasks;

pub use gets::Gets;
pub use naive::{NaiveCreates, NaiveMoves};
pub use posts::Posts;
pub use tasks::{Creates, Moves, Supplies};
