//! Everything together, over real servers: each test on a database and subjects of its own.
#![allow(clippy::large_futures, reason = "tests are not a hot path")]

mod audit;
mod billing;
mod catalog;
mod commands;
mod comments;
mod consumers;
mod conventions;
mod dev;
mod dialects;
mod edge;
mod events;
mod harness;
mod history;
mod hostile;
mod house;
mod import;
mod keys;
mod limits;
mod lists;
mod members;
mod notifications;
mod projections;
mod projects;
mod relay;
mod reports;
mod search;
mod server;
mod sprints;
mod tasks;
mod telling;
mod terminal;
mod timelogs;
mod undo;
mod webhooks;
mod workspace;
