//! Everything together, over real servers: each test on a database and subjects of its own.

mod conventions;
mod dev;
mod harness;
mod import;
mod projections;
mod server;
