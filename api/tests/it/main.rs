//! Everything together, over real servers: each test on a database and subjects of its own.

mod conventions;
mod dev;
mod harness;
mod projections;
mod server;
