//! What the connections send.

mod gets;
mod naive;
mod tasks;

pub use gets::Gets;
pub use naive::{NaiveCreates, NaiveMoves};
pub use tasks::{Creates, Moves, Supplies};
