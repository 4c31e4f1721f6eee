//! Asking: the HTTP API, the composition root and everything the `docket` binary does.
//!
//! [`router`] is the table of contents of the API, [`front`] what is in front of it, [`routes`] its operations, [`auth`]
//! who may use them, [`edge`] how requests are read. [`Docket`] puts the write side, the relay, the projector and the API
//! together; [`dev`] gives it private servers; [`cli`] is the command line. No SQL here, and no rules of the domain.

// What is printed goes through `cli::out`, which a closed pipe does not make panic.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod app;
pub mod auth;
pub mod bootstrap;
pub mod cli;
pub mod config;
pub mod consumers;
pub mod dev;
pub mod dialects;
mod docket;
pub mod edge;
mod error;
mod explorer;
pub mod front;
pub mod limits;
mod migrate;
pub mod network;
pub mod openapi;
mod precautions;
pub mod problem;
pub mod respond;
pub mod router;
pub mod routes;
pub mod signing;
pub mod telemetry;
pub mod threads;
pub mod webhooks;

pub use config::Config;
pub use docket::Docket;
pub use migrate::{Migrated, PARTITIONS, migrate, migrate_with};
